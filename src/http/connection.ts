// One client's connection: bytes in, requests one after the other, answers in their order. Works on
// any duplex stream. It knows nothing of files, limits or hits: `handle` makes the answers.
//
//            first byte            head complete           answer written
//   idle ───────────────> reading ──────────────> answering ─────────────> idle (or next request)
//    │ idleTimeout           │ headTimeout: 408      │ client stalls: cut       │ must close
//    └────────> closed <─────┴───────── lingering <──┴──────────────────────────┘
//                 (all errors)          FIN sent; input read and thrown away until the client closes
//
// Lingering: a socket closed with unread input is reset by the kernel, and the reset can overtake the
// answer. So we end our side, let the client read, and wait for it to close, within bounds.
//
// A client stalls when it takes nothing (reader-progress.ts); one that takes a little is waited for.

import type { Duplex } from "node:stream";
import type { ExchangeHandler, WireExchange } from "./exchange.ts";
import type { HeadMemory } from "./head-memory.ts";
import type { HttpLimits } from "./http-limits.ts";
import { InputBuffer } from "./input-buffer.ts";
import { ReaderProgress } from "./reader-progress.ts";
import { closeBody, type Reply } from "./reply.ts";
import type { Refusal, RequestHead } from "./request.ts";
import { RequestParser } from "./request-parser.ts";
import type { ResponseHeadFormatter } from "./response-head.ts";
import { ResponseWriter, type WriteResult, type WriteWatcher } from "./response-writer.ts";
import type { SendMemory } from "./send-memory.ts";
import type { SerialisedResponses } from "./serialised-response.ts";

export interface ConnectionOptions<E extends WireExchange> {
  readonly stream: Duplex;
  /** "calls": the stream's owner hands on what it reads by `receive`, and emits no "data". */
  readonly input?: "stream" | "calls";
  readonly headMemory: HeadMemory;
  readonly sendMemory: SendMemory;
  readonly handler: ExchangeHandler<E>;
  readonly limits: HttpLimits;
  readonly formatter: ResponseHeadFormatter;
  readonly serialised: SerialisedResponses;
  readonly monotonicMs: () => number;
}

type State = "idle" | "reading" | "answering" | "lingering" | "closed";

const NOTHING_SENT: WriteResult = { bodyBytes: 0, isComplete: false, endsByClose: true };

export class Connection<E extends WireExchange = WireExchange> implements WriteWatcher {
  private readonly options: ConnectionOptions<E>;
  private readonly stream: Duplex;
  private readonly parser: RequestParser;
  private readonly writer: ResponseWriter;
  private readonly reader: ReaderProgress;
  private state: State = "idle";
  private deadlineMs: number;
  /** Input that no request has used yet; it begins where the current request begins. */
  private readonly input = new InputBuffer();
  private lingerBytes = 0;
  /** Of bodies, since the client last waited with a request until it had read everything before. */
  private unreadBytesMax = 0;
  private exchange: E | undefined;
  private isDraining = false;
  private hasInputEnded = false;
  private isReadingRequests = false;
  private isInputPaused = false;
  /** Whether more requests are there behind the one that is answered. */
  private hasMoreInput = false;

  constructor(options: ConnectionOptions<E>) {
    this.options = options;
    this.stream = options.stream;
    this.parser = new RequestParser(options.limits, options.headMemory);
    this.writer = new ResponseWriter(options, this);
    this.reader = new ReaderProgress(options.stream, options.sendMemory);
    this.deadlineMs = options.monotonicMs() + options.limits.headTimeoutMs;
    if (options.input !== "calls") {
      this.stream.on("data", (chunk: Buffer) => this.receive(chunk, chunk.length));
    }
    this.stream.on("end", () => this.receiveEnd());
    // A reset by the client is an ordinary end; "close" follows.
    this.stream.on("error", () => {});
    this.stream.on("close", () => this.release());
  }

  /** No further requests: the next answer says so, an idle connection ends after a short grace. */
  drain(): void {
    this.isDraining = true;
    const { drainGraceMs, lingerTimeoutMs } = this.options.limits;
    if (this.state === "idle") this.setDeadline(drainGraceMs);
    // What the kernel has it also delivers after the end of the process.
    if (this.state === "lingering" && this.stream.writableFinished)
      this.setDeadline(lingerTimeoutMs);
  }

  /** Called a few times a second: ends what has taken too long. */
  checkDeadline(nowMs: number): void {
    this.lookAtReader(nowMs);
    if (nowMs < this.deadlineMs) return;
    if (this.state === "idle") {
      this.linger();
    } else if (this.state === "reading") {
      const seconds = this.options.limits.headTimeoutMs / 1000;
      this.refuse({ status: 408, explanation: `The request did not arrive within ${seconds} s.` });
    } else {
      this.stream.destroy();
    }
  }

  /** An answer that is still being made is waited for, and a reader as long as it takes something. */
  private lookAtReader(nowMs: number): void {
    const isStalled = this.reader.isBehind && !this.reader.hasTakenSome();
    const isLeaving = this.state === "lingering" && !this.stream.writableFinished;
    if (isStalled || (this.state !== "answering" && !isLeaving)) return;
    this.deadlineMs = nowMs + this.options.limits.stallTimeoutMs;
  }

  reads(pieceBytes: number): void {
    this.reader.holdForReading(pieceBytes);
  }

  waits(shared: Buffer | undefined): void {
    this.reader.note(shared);
  }

  taken(): void {
    this.reader.note();
    this.setDeadline(this.options.limits.stallTimeoutMs);
  }

  /** Answers before any request was read, and closes: the server takes no more connections. */
  reject(refusal: Refusal): void {
    this.refuse(refusal);
  }

  private setDeadline(inMs: number): void {
    this.deadlineMs = this.options.monotonicMs() + inMs;
  }

  /**
   * Takes what the client has sent.
   * @param bytes the first `lengthBytes` of it; lent: the caller may write over them afterwards
   */
  receive(bytes: Buffer, lengthBytes: number): void {
    if (this.state === "lingering") {
      this.lingerBytes += lengthBytes;
      if (this.lingerBytes > this.options.limits.lingerBytesMax) this.stream.destroy();
      return;
    }
    if (this.input.length === 0 && this.state !== "answering") {
      if (this.state === "idle" && !this.reader.isBehind) this.unreadBytesMax = 0;
      this.readRequests(bytes, lengthBytes);
    } else {
      this.input.append(bytes, 0, lengthBytes);
      if (this.state !== "answering") this.readInput();
    }
    // A client that sends ever more requests than are answered waits with its sending.
    if (this.hasEnoughInput()) {
      this.isInputPaused = true;
      this.stream.pause();
    }
  }

  /** The client has sent its last byte. What it asked for is still answered. */
  private receiveEnd(): void {
    this.hasInputEnded = true;
    if (this.state === "idle" || this.state === "reading") this.stream.end();
    else if (this.state === "lingering") this.destroyOnceWritten();
  }

  /** Goes on with what arrived meanwhile, or with a head of which more has come. */
  private readInput(): void {
    // From inside the loop, which goes on itself.
    if (this.isReadingRequests) return;
    const { bytes } = this.input;
    this.readRequests(bytes, bytes.length, true);
  }

  /**
   * Reads and answers the requests in `bytes` while no answer is under way; keeps what is left.
   * @param isInput whether the bytes are those of `input`
   */
  private readRequests(bytes: Buffer, lengthBytes: number, isInput = false): void {
    this.isReadingRequests = true;
    let at = 0;
    while (at < lengthBytes && (this.state === "idle" || this.state === "reading")) {
      const outcome = this.parser.parse(bytes, at, lengthBytes);
      if (outcome.kind === "incomplete") break;
      if (outcome.kind === "refused") {
        this.refuse(outcome.refusal);
        at = lengthBytes;
        break;
      }
      at += outcome.endOffset;
      // Answers to requests that came together leave together.
      if (at < lengthBytes && !this.hasMoreInput) {
        this.hasMoreInput = true;
        this.stream.cork();
      }
      this.answer(outcome.head);
    }
    this.keepInput(bytes, at, lengthBytes, isInput);
    if (this.hasMoreInput) {
      this.hasMoreInput = false;
      this.stream.uncork();
      this.reader.note();
    }
    this.isReadingRequests = false;
    if (this.state === "idle" && this.input.length > 0) this.beginReading();
    if (this.hasInputEnded && (this.state === "idle" || this.state === "reading"))
      this.stream.end();
    // Only now that it is known what is left: else each answer would let another read of input in.
    if (this.isInputPaused && !this.hasEnoughInput()) {
      this.isInputPaused = false;
      this.stream.resume();
    }
  }

  private keepInput(bytes: Buffer, start: number, end: number, isInput: boolean): void {
    if (this.state === "lingering" || this.state === "closed") this.input.clear();
    else if (isInput) this.input.drop(start);
    // Lent bytes are copied; that is a head in pieces, or requests that wait for an answer.
    else if (start < end) this.input.append(bytes, start, end);
  }

  /** Whether requests wait while an answer is under way, as many as may. */
  private hasEnoughInput(): boolean {
    return this.state === "answering" && this.input.length > this.options.limits.waitingBytesMax;
  }

  private beginReading(): void {
    this.state = "reading";
    this.setDeadline(this.options.limits.headTimeoutMs);
  }

  private answer(head: RequestHead): void {
    const { handler } = this.options;
    const exchange = handler.open(head, this.options.monotonicMs());
    this.exchange = exchange;
    this.state = "answering";
    this.deadlineMs = exchange.startedMs + this.options.limits.stallTimeoutMs;
    let reply: Reply | Promise<Reply>;
    try {
      reply = handler.handle(exchange);
    } catch (error) {
      reply = handler.fail(exchange, error);
    }
    if (!(reply instanceof Promise)) {
      // It was made without waiting: still the same moment, near enough for a deadline.
      this.send(exchange, head, reply, exchange.startedMs);
      return;
    }
    reply.then(
      (ready) => this.send(exchange, head, ready, this.options.monotonicMs()),
      (error) => this.sendFailure(exchange, head, error),
    );
  }

  private send(exchange: E, head: RequestHead, reply: Reply, nowMs: number): void {
    if (this.state === "closed") {
      closeBody(reply.body);
      this.finish(exchange, reply, NOTHING_SENT);
      return;
    }
    const keepAlive = head.keepAlive && !this.isDraining && reply.close !== true;
    if (ResponseWriter.isImmediate(head, reply)) {
      const result = this.writer.writeNow(exchange, head, reply, keepAlive, !this.hasMoreInput);
      this.sent(exchange, reply, result, keepAlive, nowMs);
      return;
    }
    const onMade = () => this.options.handler.made?.(exchange);
    this.writer.write(exchange, head, reply, keepAlive, onMade).then(
      (result) => this.sent(exchange, reply, result, keepAlive, this.options.monotonicMs()),
      (error) => this.sendFailure(exchange, head, error),
    );
  }

  private sendFailure(exchange: E, head: RequestHead, error: unknown): void {
    const reply = this.options.handler.fail(exchange, error);
    this.send(exchange, head, reply, this.options.monotonicMs());
  }

  private sent(
    exchange: E,
    reply: Reply,
    result: WriteResult,
    keepAlive: boolean,
    nowMs: number,
  ): void {
    this.finish(exchange, reply, result);
    if (this.state === "closed") return;
    this.unreadBytesMax += result.bodyBytes;
    // What waits to leave together with the next answers is noted with them.
    if (!this.hasMoreInput) this.reader.note();
    if (!result.isComplete) {
      this.stream.destroy();
    } else if (!keepAlive || result.endsByClose) {
      this.linger();
    } else if (this.stream.writableNeedDrain && this.stream.writableLength > 0) {
      // The reader is behind: no further request is looked at until it has caught up.
      this.deadlineMs = nowMs + this.options.limits.stallTimeoutMs;
      this.stream.once("drain", () => {
        this.reader.note();
        this.becomeIdle(this.options.monotonicMs());
      });
    } else {
      this.becomeIdle(nowMs);
    }
  }

  /** An answer has left: goes on with what arrived meanwhile. */
  private becomeIdle(nowMs: number): void {
    if (this.state !== "answering") return;
    const { drainGraceMs, idleTimeoutMs } = this.options.limits;
    this.state = "idle";
    this.deadlineMs = nowMs + (this.isDraining ? drainGraceMs : idleTimeoutMs);
    this.readInput();
  }

  private refuse(refusal: Refusal): void {
    const { handler, monotonicMs } = this.options;
    const exchange = handler.open(undefined, monotonicMs());
    const reply = handler.refuse(exchange, refusal);
    const result = this.writer.writeNow(exchange, refusal.form, reply, false, true);
    this.finish(exchange, reply, result);
    this.linger();
  }

  private finish(exchange: E, reply: Reply, { bodyBytes, isComplete }: WriteResult): void {
    this.exchange = undefined;
    exchange.sent = { status: reply.status, bodyBytes, isComplete };
    this.options.handler.finished(exchange);
  }

  private linger(): void {
    const { stallTimeoutMs, lingerTimeoutMs, readSoonBytes } = this.options.limits;
    this.state = "lingering";
    this.input.clear();
    this.reader.note();
    this.setDeadline(stallTimeoutMs);
    this.stream.end(() => {
      this.reader.release();
      const mayBeUnread = this.unreadBytesMax > readSoonBytes && !this.isDraining;
      this.setDeadline(mayBeUnread ? stallTimeoutMs : lingerTimeoutMs);
    });
    if (this.hasInputEnded) this.destroyOnceWritten();
    else this.stream.resume();
  }

  /** The client has sent its last byte, and may still be reading. */
  private destroyOnceWritten(): void {
    if (this.stream.writableFinished) this.stream.destroy();
    else this.stream.once("finish", () => this.stream.destroy());
  }

  private release(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.input.clear();
    this.reader.release();
    if (this.exchange !== undefined) this.exchange.isAbandoned = true;
    this.options.handler.closed();
  }
}
