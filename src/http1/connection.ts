// The HTTP/1.1 engine (transport/engine.ts): one client's connection. It handles requests one after the other and
// answers them in order. It knows no socket, no file, no limit and no hit: a transport moves the bytes, and the
// handler makes the answers.
//
//            first byte            head complete           answer written
//   idle ───────────────> reading ──────────────> answering ─────────────> idle (or next request)
//    │ idleTimeout           │ headTimeout: 408      │ client stalls: cut       │ must close
//    └───────> ending <──────┴───────────────────────┴──────────────────────────┘
//                │ our end has left
//                └────> lingering ────> closed (from every state when the client goes)
//
// Lingering: when a socket with unread input is closed, the kernel resets it, and the reset can overtake the
// answer. So we end our side, let the client read, throw away what it still sends, and wait for it to close,
// within bounds.
//
// `#serve` is the whole way of a request that is answered without waiting. A request that has to wait, for its
// answer or for a client that reads slowly, leaves that loop; `#goOn` enters it again.

import { assert } from "../base/assert.ts";
import { closeBody, type Reply } from "../http/reply.ts";
import type { Refusal } from "../http/request.ts";
import type { Engine, ExchangeHandler, HttpLimits, WireExchange } from "../transport/engine.ts";
import { InputBuffer } from "../transport/input-buffer.ts";
import type { Transport, TransportReceiver } from "../transport/transport.ts";
import type { Http1Head } from "./field-lines.ts";
import type { RequestHeadCache } from "./request-head-cache.ts";
import type { ResponseForm } from "./request-line.ts";
import { RequestParser } from "./request-parser.ts";
import { decideFraming } from "./response-head.ts";
import type { ResponseWriter, Written } from "./response-writer.ts";

export interface ConnectionOptions<E extends WireExchange> {
  readonly transport: Transport;
  readonly handler: ExchangeHandler<E>;
  readonly limits: HttpLimits;
  readonly monotonicMs: () => number;
  /** All connections of a thread share this and the next. */
  readonly requestHeadCache: RequestHeadCache;
  readonly responseWriter: ResponseWriter;
}

type State = "idle" | "reading" | "answering" | "ending" | "lingering" | "closed";

export class Connection<E extends WireExchange = WireExchange>
  implements Engine, TransportReceiver
{
  readonly #transport: Transport;
  readonly #handler: ExchangeHandler<E>;
  readonly #limits: HttpLimits;
  readonly #monotonicMs: () => number;
  readonly #parser: RequestParser;
  readonly #writer: ResponseWriter;
  /** Input that no request has used yet. It begins where the current request begins. */
  readonly #input = new InputBuffer();
  #state: State = "idle";
  #deadlineMs: number;
  /** The one that is being answered. */
  #exchange: E | undefined;
  /** Whether everything had left when the last answer was written. */
  #hasLeft = true;
  /** Bytes of bodies since a request last came after its client had taken everything before it. */
  #unreadBytesMax = 0;
  #lingerBytes = 0;
  #isDraining = false;
  #hasInputEnded = false;
  #isInputPaused = false;

  constructor(options: ConnectionOptions<E>) {
    const { transport, handler, limits, monotonicMs } = options;
    this.#transport = transport;
    this.#handler = handler;
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#parser = new RequestParser(limits, options.requestHeadCache);
    this.#writer = options.responseWriter;
    this.#deadlineMs = monotonicMs() + limits.headTimeoutMs;
    transport.receiver = this;
  }

  /** The next answer says that it is the last; an idle connection ends after a short grace. */
  drain(): void {
    this.#isDraining = true;
    if (this.#state === "idle") this.#setDeadline(this.#limits.drainGraceMs);
    // The kernel delivers what it has even after the end of the process.
    if (this.#state === "lingering") this.#setDeadline(this.#limits.lingerTimeoutMs);
  }

  checkDeadline(nowMs: number): void {
    const state = this.#state;
    // An answer may take any time to be made, and a client may read for as long as it takes something.
    const isStalled = this.#transport.hasStalled();
    if (!isStalled && (state === "answering" || state === "ending")) {
      this.#deadlineMs = nowMs + this.#limits.stallTimeoutMs;
    }
    if (nowMs < this.#deadlineMs) return;
    if (state === "idle") {
      this.#end();
    } else if (state === "reading") {
      const seconds = this.#limits.headTimeoutMs / 1000;
      this.#refuse({ status: 408, explanation: `The request did not arrive within ${seconds} s.` });
    } else {
      this.#transport.destroy();
    }
  }

  reject(refusal: Refusal): void {
    this.#refuse(refusal);
  }

  receive(bytes: Buffer, lengthBytes: number): void {
    const state = this.#state;
    if (state === "ending" || state === "lingering") {
      this.#lingerBytes += lengthBytes;
      if (this.#lingerBytes > this.#limits.lingerBytesMax) this.#transport.destroy();
      return;
    }
    if (state === "answering") {
      this.#input.append(bytes, 0, lengthBytes);
    } else if (this.#input.length > 0) {
      this.#input.append(bytes, 0, lengthBytes);
      this.#goOn();
    } else {
      if (state === "idle" && (this.#hasLeft || !this.#transport.isBehind))
        this.#unreadBytesMax = 0;
      this.#serve(bytes, lengthBytes, false);
    }
    // A client that sends requests faster than they are answered has to wait.
    if (this.#state === "answering" && this.#input.length > this.#limits.waitingBytesMax) {
      this.#isInputPaused = true;
      this.#transport.pause();
    }
  }

  /** Requests that came before the client's end are still answered. */
  receiveEnd(): void {
    this.#hasInputEnded = true;
    if (this.#state === "idle" || this.#state === "reading") this.#end();
    // Everything has left, and the client has closed.
    else if (this.#state === "lingering") this.#transport.destroy();
  }

  /** The client has caught up. */
  drained(): void {
    if (this.#state !== "answering") return;
    const { drainGraceMs, idleTimeoutMs } = this.#limits;
    this.#state = "idle";
    this.#setDeadline(this.#isDraining ? drainGraceMs : idleTimeoutMs);
    this.#goOn();
  }

  sentEnd(): void {
    if (this.#state !== "ending") return;
    if (this.#hasInputEnded) {
      this.#transport.destroy();
      return;
    }
    this.#state = "lingering";
    const { stallTimeoutMs, lingerTimeoutMs, readSoonBytes } = this.#limits;
    const mayBeUnread = this.#unreadBytesMax > readSoonBytes && !this.#isDraining;
    this.#setDeadline(mayBeUnread ? stallTimeoutMs : lingerTimeoutMs);
  }

  closed(): void {
    this.#state = "closed";
    this.#input.clear();
    if (this.#exchange !== undefined) this.#exchange.isAbandoned = true;
    this.#handler.closed();
  }

  /**
   * Reads requests and writes their answers, one after the other, until there is nothing more to read or it has to
   * wait for something. Keeps what is left.
   * @param isInput whether the bytes are those of `#input`; other bytes are lent
   */
  #serve(bytes: Buffer, lengthBytes: number, isInput: boolean): void {
    const transport = this.#transport;
    const handler = this.#handler;
    let at = 0;
    let isHolding = false;
    while (at < lengthBytes && (this.#state === "idle" || this.#state === "reading")) {
      const outcome = this.#parser.parse(bytes, at, lengthBytes);
      if (outcome.kind === "incomplete") break;
      if (outcome.kind === "refused") {
        this.#refuse(outcome.refusal, outcome.form);
        break;
      }
      at += outcome.endOffset;
      // Answers to requests that came together leave together.
      if (at < lengthBytes && !isHolding) {
        isHolding = true;
        transport.hold();
      }
      const { head } = outcome;
      const nowMs = this.#monotonicMs();
      const exchange = handler.open(head, nowMs);
      this.#exchange = exchange;
      this.#state = "answering";
      this.#deadlineMs = nowMs + this.#limits.stallTimeoutMs;
      let reply: Reply | Promise<Reply>;
      try {
        reply = handler.handle(exchange);
      } catch (error) {
        reply = handler.fail(exchange, error);
      }
      if (reply instanceof Promise) {
        this.#answerLater(exchange, head, reply);
        break;
      }
      // What is written at once has a length: closing need not mark its end.
      const keepAlive = head.keepAlive && !this.#isDraining && reply.close !== true;
      const use = exchange.useFields;
      const sent = this.#writer.writeNow(transport, reply, use, head, keepAlive, !isHolding);
      if (sent === undefined) {
        this.#answerLater(exchange, head, reply);
        break;
      }
      // Nothing was waited for, so the time is still right for a deadline.
      this.#answered(exchange, sent, keepAlive, nowMs);
    }
    // An ending connection needs no more input. Otherwise the rest of lent bytes is copied: a head in pieces, or
    // requests that wait for an answer.
    if (this.#state !== "ending") {
      if (isInput) this.#input.drop(at);
      else if (at < lengthBytes) this.#input.append(bytes, at, lengthBytes);
    }
    if (isHolding) transport.release();
    if (this.#state === "idle" && this.#input.length > 0) {
      this.#state = "reading";
      this.#setDeadline(this.#limits.headTimeoutMs);
    }
    if (this.#hasInputEnded && (this.#state === "idle" || this.#state === "reading")) this.#end();
    if (!this.#isInputPaused) return;
    if (this.#state === "answering" && this.#input.length > this.#limits.waitingBytesMax) return;
    this.#isInputPaused = false;
    this.#transport.resume();
  }

  /** Goes on with what arrived meanwhile, or with a head that has grown. */
  #goOn(): void {
    if (this.#state !== "idle" && this.#state !== "reading") return;
    if (this.#input.length > 0) {
      const { bytes } = this.#input;
      this.#serve(bytes, bytes.length, true);
    } else if (this.#hasInputEnded) {
      this.#end();
    }
  }

  /** Waits for an answer and until the client has taken it, and then goes on. */
  async #answerLater(exchange: E, head: Http1Head, pending: Reply | Promise<Reply>): Promise<void> {
    const handler = this.#handler;
    const onMade = () => handler.made?.(exchange);
    let reply: Reply;
    try {
      reply = pending instanceof Promise ? await pending : pending;
    } catch (error) {
      reply = handler.fail(exchange, error);
    }
    let sent: Written | undefined;
    let keepAlive = false;
    while (sent === undefined) {
      const use = exchange.useFields;
      keepAlive = head.keepAlive && !this.#isDraining && reply.close !== true;
      if (decideFraming(reply, head) === "close") keepAlive = false;
      if (this.#state === "closed") {
        closeBody(reply.body);
        sent = { status: reply.status, bodyBytes: 0, isComplete: false, hasLeft: false };
        break;
      }
      sent = this.#writer.writeNow(this.#transport, reply, use, head, keepAlive, true);
      if (sent !== undefined) break;
      try {
        sent = await this.#writer.write(this.#transport, reply, use, head, keepAlive, onMade);
      } catch (error) {
        reply = handler.fail(exchange, error);
      }
    }
    this.#answered(exchange, sent, keepAlive, this.#monotonicMs());
    this.#goOn();
  }

  /** An answer was written, or never will be: decides what happens to the connection next. */
  #answered(exchange: E, sent: Written, keepAlive: boolean, nowMs: number): void {
    this.#exchange = undefined;
    this.#hasLeft = sent.hasLeft;
    exchange.sent = sent;
    this.#handler.finished(exchange);
    if (this.#state === "closed") return;
    this.#unreadBytesMax += sent.bodyBytes;
    if (!sent.isComplete) {
      this.#transport.destroy();
    } else if (!keepAlive) {
      this.#end();
    } else if (!sent.hasLeft && this.#transport.isFull) {
      // The client is behind: no further request is looked at until it has caught up.
      this.#deadlineMs = nowMs + this.#limits.stallTimeoutMs;
      this.#transport.awaitDrain();
    } else {
      const { drainGraceMs, idleTimeoutMs } = this.#limits;
      this.#state = "idle";
      this.#deadlineMs = nowMs + (this.#isDraining ? drainGraceMs : idleTimeoutMs);
    }
  }

  /** @param form undefined when the request line could not be read */
  #refuse(refusal: Refusal, form?: ResponseForm): void {
    const exchange = this.#handler.open(undefined, this.#monotonicMs());
    const reply = this.#handler.refuse(exchange, refusal);
    const use = exchange.useFields;
    const sent = this.#writer.writeNow(this.#transport, reply, use, form, false, true);
    assert(sent !== undefined, "the reply to a refusal is at hand");
    this.#answered(exchange, sent, false, exchange.startedMs);
  }

  /** Ends our side. The client may take its last answer as slowly as the others. */
  #end(): void {
    this.#state = "ending";
    this.#input.clear();
    this.#setDeadline(this.#limits.stallTimeoutMs);
    this.#transport.end();
    // What the client still sends is thrown away.
    this.#transport.resume();
  }

  #setDeadline(inMs: number): void {
    this.#deadlineMs = this.#monotonicMs() + inMs;
  }
}
