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

import type { Duplex } from "node:stream";
import type { HeadMemory } from "./head-memory.ts";
import type { HttpLimits } from "./http-limits.ts";
import { closeBody, type Reply } from "./reply.ts";
import type { Refusal, RequestHead } from "./request.ts";
import { RequestParser } from "./request-parser.ts";
import type { ResponseHeadFormatter } from "./response-head.ts";
import { ResponseWriter, type WriteResult } from "./response-writer.ts";

/** One request on its way to its answer. */
export interface Exchange {
  /** undefined when the head could not be read; the answer is a refusal then. */
  readonly head: RequestHead | undefined;
  /** Monotonic ms at which the whole head was there. */
  readonly startedMs: number;
  /** Whether the client has gone, so that an answer is of no use any more. */
  isAbandoned: boolean;
}

export interface ConnectionHandler {
  /** Makes the answer to a request. What it throws becomes a 500. */
  handle(exchange: Exchange, head: RequestHead): Reply | Promise<Reply>;
  /** Makes the answer to what could not be read as a request, or came too late. */
  refuse(refusal: Refusal | TimeoutRefusal): Reply;
  /** Makes the answer to a request whose handling failed, or whose body could not be begun. */
  fail(error: unknown, head: RequestHead): Reply;
  /** Called once for each exchange when its answer has left, or never will. */
  finished(exchange: Exchange, reply: Reply, result: WriteResult): void;
  /** Called once, when the stream is gone. */
  closed(): void;
}

export interface TimeoutRefusal {
  readonly status: 408;
  readonly explanation: string;
  readonly form?: undefined;
}

export interface ConnectionOptions {
  readonly stream: Duplex;
  /** "calls": the stream's owner hands on what it reads by `receive`, and emits no "data". */
  readonly input?: "stream" | "calls";
  readonly headMemory: HeadMemory;
  readonly handler: ConnectionHandler;
  readonly limits: HttpLimits;
  readonly formatter: ResponseHeadFormatter;
  readonly monotonicMs: () => number;
}

type State = "idle" | "reading" | "answering" | "lingering" | "closed";

const NOTHING_SENT: WriteResult = { bodyBytes: 0, isComplete: false, endsByClose: true };
const EMPTY = Buffer.alloc(0);

export class Connection {
  private readonly options: ConnectionOptions;
  private readonly stream: Duplex;
  private readonly parser: RequestParser;
  private readonly writer: ResponseWriter;
  private state: State = "idle";
  private deadlineMs: number;
  /** Input that no request has used yet, our own; it begins where the current request begins. */
  private input: Buffer = EMPTY;
  private lingerBytes = 0;
  private exchange: Exchange | undefined;
  private isDraining = false;
  private hasInputEnded = false;
  private isReadingRequests = false;
  private isInputPaused = false;
  /** Whether more requests are there behind the one that is answered. */
  private hasMoreInput = false;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.stream = options.stream;
    this.parser = new RequestParser(options.limits, options.headMemory);
    this.writer = new ResponseWriter(options, () =>
      this.setDeadline(options.limits.stallTimeoutMs),
    );
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
    if (this.state === "idle") this.setDeadline(this.options.limits.drainGraceMs);
  }

  /** Called a few times a second: ends what has taken too long. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.deadlineMs) return;
    if (this.state === "idle") {
      this.linger();
    } else if (this.state === "reading") {
      const seconds = this.options.limits.headTimeoutMs / 1000;
      this.refuse({ status: 408, explanation: `The request did not arrive within ${seconds} s.` });
    } else if (this.state === "answering" && this.stream.writableLength === 0) {
      // The answer is still being made (a queue, a delay); only a reader that stalls is cut off.
      this.setDeadline(this.options.limits.stallTimeoutMs);
    } else {
      this.stream.destroy();
    }
  }

  /** Answers before any request was read, and closes: the server takes no more connections. */
  reject(reply: Reply): void {
    this.writer.writeNow(undefined, reply, false, true);
    this.linger();
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
      this.readRequests(bytes, lengthBytes);
    } else {
      this.input = Buffer.concat([this.input, bytes.subarray(0, lengthBytes)]);
      if (this.state !== "answering") this.readRequests(this.input, this.input.length);
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
    else if (this.state === "lingering") this.stream.destroy();
  }

  /** Reads and answers the requests in `bytes` while no answer is under way; keeps what is left. */
  private readRequests(bytes: Buffer, lengthBytes: number): void {
    // An answer that is ready at once comes back here from inside the loop, which goes on itself.
    if (this.isReadingRequests) return;
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
    this.keepInput(bytes, at, lengthBytes);
    if (this.hasMoreInput) {
      this.hasMoreInput = false;
      this.stream.uncork();
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

  private keepInput(bytes: Buffer, start: number, end: number): void {
    if (this.state === "lingering" || this.state === "closed" || start >= end) this.input = EMPTY;
    else if (bytes === this.input) this.input = bytes.subarray(start);
    // Lent bytes are copied; that is a head in pieces, or requests that wait for an answer.
    else this.input = Buffer.from(bytes.subarray(start, end));
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
    const exchange: Exchange = {
      head,
      startedMs: this.options.monotonicMs(),
      isAbandoned: false,
    };
    this.exchange = exchange;
    this.state = "answering";
    this.deadlineMs = exchange.startedMs + this.options.limits.stallTimeoutMs;
    let reply: Reply | Promise<Reply>;
    try {
      reply = this.options.handler.handle(exchange, head);
    } catch (error) {
      reply = this.options.handler.fail(error, head);
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

  private send(exchange: Exchange, head: RequestHead, reply: Reply, nowMs: number): void {
    if (this.state === "closed") {
      closeBody(reply.body);
      this.finish(exchange, reply, NOTHING_SENT);
      return;
    }
    const keepAlive = head.keepAlive && !this.isDraining && reply.close !== true;
    if (ResponseWriter.isImmediate(head, reply)) {
      const result = this.writer.writeNow(head, reply, keepAlive, !this.hasMoreInput);
      this.sent(exchange, reply, result, keepAlive, nowMs);
      return;
    }
    this.writer.write(head, reply, keepAlive).then(
      (result) => this.sent(exchange, reply, result, keepAlive, this.options.monotonicMs()),
      (error) => this.sendFailure(exchange, head, error),
    );
  }

  private sendFailure(exchange: Exchange, head: RequestHead, error: unknown): void {
    const reply = this.options.handler.fail(error, head);
    this.send(exchange, head, reply, this.options.monotonicMs());
  }

  private sent(
    exchange: Exchange,
    reply: Reply,
    result: WriteResult,
    keepAlive: boolean,
    nowMs: number,
  ): void {
    this.finish(exchange, reply, result);
    if (this.state === "closed") return;
    if (!result.isComplete) {
      this.stream.destroy();
    } else if (!keepAlive || result.endsByClose) {
      this.linger();
    } else if (this.stream.writableNeedDrain && this.stream.writableLength > 0) {
      // The reader is behind: no further request is looked at until it has caught up.
      this.setDeadline(this.options.limits.stallTimeoutMs);
      this.stream.once("drain", () => this.becomeIdle(this.options.monotonicMs()));
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
    this.readRequests(this.input, this.input.length);
  }

  private refuse(refusal: Refusal | TimeoutRefusal): void {
    const exchange: Exchange = {
      head: undefined,
      startedMs: this.options.monotonicMs(),
      isAbandoned: false,
    };
    const reply = this.options.handler.refuse(refusal);
    this.finish(exchange, reply, this.writer.writeNow(refusal.form, reply, false, true));
    this.linger();
  }

  private finish(exchange: Exchange, reply: Reply, result: WriteResult): void {
    this.exchange = undefined;
    this.options.handler.finished(exchange, reply, result);
  }

  private linger(): void {
    this.state = "lingering";
    this.input = EMPTY;
    this.setDeadline(this.options.limits.stallTimeoutMs);
    this.stream.end(() => this.setDeadline(this.options.limits.lingerTimeoutMs));
    if (this.hasInputEnded) this.stream.once("finish", () => this.stream.destroy());
    else this.stream.resume();
  }

  private release(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.input = EMPTY;
    if (this.exchange !== undefined) this.exchange.isAbandoned = true;
    this.options.handler.closed();
  }
}
