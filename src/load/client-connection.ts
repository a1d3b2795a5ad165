// One connection of the load client: sends the same request again and again, and settles each with
// one outcome. Made by load-run.ts. It opens its socket when it needs one, so after a failure or a
// `Connection: close` the next send() simply opens another.
//
//   closed ──send──> connecting ──> waiting ──> reading ──> open ──send──> waiting …
//                        │             │           │         └─ server closes ──> closed
//                        └─────────────┴───────────┴─ failure ──> closed
//
// A kept connection that ends between `waiting` and `reading` is the server's idle timeout crossing
// our request on the way: RFC 9112 §9.3.1 lets us repeat it, which happens once.

import { connect, type Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { type Failure, type RequestOutcome, readSystemError } from "./request-outcome.ts";
import type { LoadMethod } from "./response-head.ts";
import { type ParserProgress, ResponseParser } from "./response-parser.ts";
import { TargetAddress } from "./target-address.ts";

export interface ClientConnectionOptions {
  /** A failure is what every request gets when the host could not be looked up. */
  readonly target: TargetAddress | Failure;
  readonly method: LoadMethod;
  /** The whole request; see `formatRequest`. */
  readonly requestBytes: Buffer;
  /** The local address to send from; the system chooses when there is none. */
  readonly source: string | undefined;
  /** For a whole request, connecting included. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  readonly clock: Clock;
}

/** The one request that is on its way. */
interface Exchange {
  readonly settle: (outcome: RequestOutcome) => void;
  readonly startedMs: number;
  readonly timer: NodeJS.Timeout;
  parser: ResponseParser;
  hasAnswerBytes: boolean;
  isOnKeptSocket: boolean;
  retried: boolean;
}

export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  #socket: Socket | undefined;
  #exchange: Exchange | undefined;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
  }

  /** Sends the request once. Call it again only when the promise has settled; it never rejects. */
  send(): Promise<RequestOutcome> {
    const { promise, resolve } = Promise.withResolvers<RequestOutcome>();
    const { clock, method, timeoutMs } = this.#options;
    this.#exchange = {
      settle: resolve,
      startedMs: clock.monotonicMs(),
      timer: setTimeout(() => this.#onTimeout(), timeoutMs),
      parser: new ResponseParser(method),
      hasAnswerBytes: false,
      isOnKeptSocket: this.#socket !== undefined,
      retried: false,
    };
    if (this.#socket === undefined) this.#open();
    else this.#socket.write(this.#options.requestBytes);
    return promise;
  }

  /** Closes the socket; a request on its way settles as abandoned. */
  close(): void {
    this.#drop();
    this.#settle({ kind: "abandoned" });
  }

  #open(addressIndex = 0): void {
    const { target, source } = this.#options;
    if (!(target instanceof TargetAddress)) {
      this.#failSoon(target);
      return;
    }
    const candidates = target.candidates(source);
    const address = candidates[addressIndex];
    if (address === undefined) {
      const detail = `the server has no address of the same family as the source "${source}"`;
      this.#failSoon({ reason: "unreachable", detail });
      return;
    }
    const socket = connect({
      host: address,
      port: target.port,
      noDelay: true,
      ...(source === undefined ? {} : { localAddress: source }),
    });
    this.#socket = socket;
    let isConnected = false;
    socket.once("connect", () => {
      isConnected = true;
      target.confirm(address);
      if (socket === this.#socket) socket.write(this.#options.requestBytes);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (socket !== this.#socket) return;
      const hasOtherAddress = !isConnected && addressIndex + 1 < candidates.length;
      if (!hasOtherAddress) return this.#onSocketEnd(() => readSystemError(error, source));
      this.#drop();
      this.#open(addressIndex + 1);
    });
    socket.on("data", (chunk: Buffer) => this.#onData(socket, chunk));
    socket.on("end", () => this.#onEnd(socket));
    socket.on("close", () => this.#onEnd(socket));
  }

  #onData(socket: Socket, chunk: Buffer): void {
    if (socket !== this.#socket) return;
    // Bytes that nobody asked for: the next answer could not be told from them.
    if (this.#exchange === undefined) {
      this.#drop();
      return;
    }
    this.#exchange.hasAnswerBytes = true;
    this.#onProgress(this.#exchange, this.#exchange.parser.push(chunk));
  }

  #onEnd(socket: Socket): void {
    if (socket !== this.#socket) return;
    const exchange = this.#exchange;
    this.#onSocketEnd(() => exchange!.parser.end());
  }

  /** The socket is of no use any more; `readEnd` says what that means for a request on its way. */
  #onSocketEnd(readEnd: () => ParserProgress | Failure): void {
    this.#drop();
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (exchange.isOnKeptSocket && !exchange.hasAnswerBytes) {
      exchange.isOnKeptSocket = false;
      exchange.retried = true;
      this.#open();
      return;
    }
    this.#onProgress(exchange, readEnd());
  }

  #onProgress(exchange: Exchange, progress: ParserProgress | Failure): void {
    if (progress.kind === "incomplete") return;
    if (progress.kind === "failed") {
      this.#fail(progress);
      return;
    }
    const { status, bodyBytes, isKeptAlive } = progress.response;
    const connectionReusable = isKeptAlive && this.#options.keepAlive;
    const latencyMs = this.#options.clock.monotonicMs() - exchange.startedMs;
    if (!connectionReusable) this.#drop();
    this.#settle({
      kind: "answered",
      status,
      bodyBytes,
      latencyMs,
      complete: true,
      connectionReusable,
      retried: exchange.retried,
    });
  }

  #onTimeout(): void {
    const detail = `no complete answer within ${this.#options.timeoutMs} ms`;
    this.#fail({ reason: "timed-out", detail });
  }

  /** In a later turn of the event loop: a run of such failures must leave room for Ctrl-C. */
  #failSoon(failure: Pick<Failure, "reason" | "detail">): void {
    setImmediate(() => this.#fail(failure));
  }

  #fail({ reason, detail }: Pick<Failure, "reason" | "detail">): void {
    this.#drop();
    const retried = this.#exchange?.retried ?? false;
    this.#settle({ kind: "failed", reason, detail, retried });
  }

  /** Forgets the socket first, so that what it still emits is not taken for news. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #settle(outcome: RequestOutcome): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    clearTimeout(exchange.timer);
    exchange.settle(outcome);
  }
}
