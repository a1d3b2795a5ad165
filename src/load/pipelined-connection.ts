// One connection of the load client: sends requests, several of them ahead of their answers, and reports
// each answer and each failure to its listener, in the order of the requests. It opens its socket when it
// needs one, so after a failure or a `Connection: close` the next request simply opens another. Used by
// connection-slots.ts and client-connection.ts. A request costs no promise, no timer and no closure.
//
// Requests behind a failed one are not at fault, nor are those on a kept connection that the server
// closes before it begins to answer: they are sent again (RFC 9112 §9.3.1 and §9.3.2). This ends, because
// before each repetition at least one request was settled, or the socket had answered one.

import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { type Failure, readSystemError } from "./request-outcome.ts";
import type { ResponseParser } from "./response-parser.ts";
import { type SocketOpener, TargetAddress } from "./sockets.ts";

export interface ConnectionOptions {
  /** When the host could not be looked up, the failure that every request gets. */
  readonly target: TargetAddress | Failure;
  /** Complete requests; a request is named by its index. */
  readonly requestTexts: readonly string[];
  /** For a whole request, connecting included. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  /** How many requests may be on their way, at least 1. */
  readonly pipelining: number;
  readonly parser: ResponseParser;
  readonly opener: SocketOpener;
  readonly clock: Clock;
}

/** A request on its way. The object is reused for later requests. */
export interface Exchange {
  requestIndex: number;
  dueMs: number;
  sentMs: number;
  /** The request was sent a second time. */
  isRetried: boolean;
  /** Its answer shows whether the server keeps its word: see RetryAfterCheck in server-limit.ts. */
  isCheck: boolean;
}

/**
 * Called between reading and sending: what the listener sends leaves right after it returns. The
 * exchange is valid until then, or until the listener sends on this connection.
 */
export interface ExchangeListener {
  /** `parser` holds the answer until this returns. */
  onAnswer(
    connection: PipelinedConnection,
    exchange: Exchange,
    parser: ResponseParser,
    nowMs: number,
  ): void;
  onFailure(connection: PipelinedConnection, exchange: Exchange, failure: Failure): void;
}

type Fault = Pick<Failure, "reason" | "detail">;

/** Holds at most one socket at a time; see the head of this file. */
export class PipelinedConnection {
  readonly #options: ConnectionOptions;
  readonly #listener: ExchangeListener;
  readonly #exchanges: readonly Exchange[];
  #firstIndex = 0;
  #count = 0;
  #socket: Socket | undefined;
  #isReady = false;
  #isReading = false;
  /** Has this socket brought an answer? */
  #isProven = false;
  /** The events of a socket count only while this is its number. */
  #socketNumber = 0;
  /** Empty lines came without a request. They are accepted once before each answer. */
  #isStrayTaken = false;
  /** Requests that are not written yet. While the socket opens there are none. */
  #unsentText = "";
  /** The local address to send from; a change takes effect with the next socket. */
  source: string | undefined;

  constructor(options: ConnectionOptions, listener: ExchangeListener, source: string | undefined) {
    this.#options = options;
    this.#listener = listener;
    this.source = source;
    this.#exchanges = Array.from({ length: options.pipelining }, () => ({
      requestIndex: 0,
      dueMs: 0,
      sentMs: 0,
      isRetried: false,
      isCheck: false,
    }));
  }

  get hasRoom(): boolean {
    return this.#count < this.#exchanges.length;
  }

  /** Requests on their way. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes a request, which leaves with the next `flush` or when the listener returns. Call it only when
   * `hasRoom`. Returns the exchange, so that the caller can mark it.
   */
  send(requestIndex: number, dueMs: number, sentMs: number): Exchange {
    const exchange = this.#exchangeAt(this.#count++);
    exchange.requestIndex = requestIndex;
    exchange.dueMs = dueMs;
    exchange.sentMs = sentMs;
    exchange.isRetried = false;
    exchange.isCheck = false;
    if (this.#isReady) this.#unsentText += this.#options.requestTexts[requestIndex]!;
    return exchange;
  }

  /** Writes the requests taken so far. While answers are being read it waits, to write all at once. */
  flush(): void {
    if (this.#count === 0 || this.#isReading) return;
    if (this.#socket === undefined) this.#open(0);
    if (this.#unsentText === "") return;
    const text = this.#unsentText;
    this.#unsentText = "";
    this.#socket!.write(text, "latin1");
  }

  /** Fails the oldest request if its time is over. Call it a few times a second. */
  checkDeadline(nowMs: number): void {
    if (this.#count === 0 || nowMs - this.#exchangeAt(0).sentMs < this.#options.timeoutMs) return;
    const detail = `no complete answer within ${this.#options.timeoutMs} ms`;
    this.#fail({ reason: "timed-out", detail });
  }

  /** Closes the socket and forgets the requests on their way. */
  close(): void {
    this.#drop();
    this.#count = 0;
  }

  #exchangeAt(offset: number): Exchange {
    return this.#exchanges[(this.#firstIndex + offset) % this.#exchanges.length]!;
  }

  #open(addressIndex: number): void {
    const { target, opener } = this.#options;
    const source = this.source;
    const socketNumber = ++this.#socketNumber;
    if (!(target instanceof TargetAddress)) {
      this.#failSoon(socketNumber, target);
      return;
    }
    const candidates = target.candidates(source);
    const address = candidates[addressIndex];
    if (address === undefined) {
      const detail = `the server has no address of the same family as the source "${source}"`;
      this.#failSoon(socketNumber, { reason: "unreachable", detail });
      return;
    }
    const isCurrent = (): boolean => socketNumber === this.#socketNumber;
    const socket = opener.open({ address, port: target.port, source }, (bytes, length) => {
      if (!isCurrent()) return;
      this.#isReading = true;
      this.#onRead(bytes, length);
      this.#isReading = false;
      this.flush();
    });
    this.#socket = socket;
    let isConnected = false;
    socket.once("connect", () => {
      isConnected = true;
      target.confirm(address);
    });
    socket.once(opener.readyEvent, () => {
      if (isCurrent()) this.#onReady();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (!isCurrent()) return;
      const hasOtherAddress = !isConnected && addressIndex + 1 < candidates.length;
      if (!hasOtherAddress) {
        this.#onSocketEnd(readSystemError(error, source));
        return;
      }
      this.#drop();
      this.#open(addressIndex + 1);
    });
    const onEnd = (): void => {
      if (isCurrent()) this.#onSocketEnd(undefined);
    };
    socket.on("end", onEnd);
    socket.on("close", onEnd);
  }

  #onReady(): void {
    this.#isReady = true;
    this.#unsentText = "";
    for (let offset = 0; offset < this.#count; offset++) {
      this.#unsentText += this.#options.requestTexts[this.#exchangeAt(offset).requestIndex]!;
    }
    this.flush();
  }

  #onRead(bytes: Buffer, length: number): void {
    const { parser, clock } = this.#options;
    const socketNumber = this.#socketNumber;
    const nowMs = clock.monotonicMs();
    let at = 0;
    while (at < length) {
      if (this.#count === 0) {
        this.#onStray(bytes, at, length);
        return;
      }
      at = parser.read(bytes, at, length);
      if (parser.fault !== undefined) {
        this.#fail(parser.fault);
        return;
      }
      if (!parser.isComplete) return;
      // Empty lines after an answer are odd, and not the start of another one.
      if (at < length && this.#count === 1) at = parser.readBlankLines(bytes, at, length);
      if (at < length && this.#count === 1) {
        const detail = "more bytes came after the end of the answer";
        this.#fail({ reason: "wrong-length", detail });
        return;
      }
      this.#settleAnswer(nowMs);
      if (socketNumber !== this.#socketNumber) return;
    }
  }

  /** Bytes without a request. Unless they are empty lines, the next answer could not be told from them. */
  #onStray(bytes: Buffer, at: number, length: number): void {
    const { parser } = this.#options;
    const isBlank = !this.#isStrayTaken && parser.readBlankLines(bytes, at, length) === length;
    this.#isStrayTaken = true;
    if (!isBlank) this.#drop();
  }

  #settleAnswer(nowMs: number): void {
    const { parser, keepAlive } = this.#options;
    const exchange = this.#exchangeAt(0);
    this.#isProven = true;
    // Before the listener is called, because its next request must open another socket.
    if (!parser.isKeptAlive || !keepAlive) {
      this.#drop();
      this.#markRetried(1);
    }
    this.#forgetFirst();
    this.#isStrayTaken = false;
    this.#listener.onAnswer(this, exchange, parser, nowMs);
    parser.reset();
    this.flush();
  }

  /** The socket cannot be used any more; `failure` is the reason, if the system gave one. */
  #onSocketEnd(failure: Failure | undefined): void {
    const { parser, clock } = this.#options;
    const isProven = this.#isProven;
    const wasReady = this.#isReady;
    this.#drop();
    if (this.#count === 0) return;
    if (isProven && !parser.hasBytes) {
      this.#markRetried(0);
      this.flush();
      return;
    }
    if (failure === undefined) parser.end();
    if (parser.isComplete) this.#settleAnswer(clock.monotonicMs());
    else if (failure === undefined || wasReady) this.#fail(failure ?? parser.fault!);
    else this.#failSoon(this.#socketNumber, failure);
  }

  /** Fails in a later turn of the event loop: many such failures must leave room for Ctrl-C. */
  #failSoon(socketNumber: number, fault: Fault): void {
    setImmediate(() => {
      if (socketNumber === this.#socketNumber && this.#count > 0) this.#fail(fault);
    });
  }

  #fail({ reason, detail }: Fault): void {
    this.#drop();
    const exchange = this.#exchangeAt(0);
    this.#forgetFirst();
    this.#markRetried(0);
    this.#options.parser.reset();
    this.#listener.onFailure(this, exchange, { kind: "failed", reason, detail });
    this.flush();
  }

  #forgetFirst(): void {
    this.#firstIndex = (this.#firstIndex + 1) % this.#exchanges.length;
    this.#count--;
  }

  #markRetried(fromOffset: number): void {
    for (let offset = fromOffset; offset < this.#count; offset++) {
      this.#exchangeAt(offset).isRetried = true;
    }
  }

  /** Forgets the socket before destroying it, so that its last events are ignored. */
  #drop(): void {
    const socket = this.#socket;
    this.#socketNumber++;
    this.#socket = undefined;
    this.#isReady = false;
    this.#isProven = false;
    this.#isStrayTaken = false;
    this.#unsentText = "";
    socket?.destroy();
  }
}
