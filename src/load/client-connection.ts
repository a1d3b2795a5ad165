// A connection that sends the same request again and again, one at a time, and returns each outcome as a
// promise. The experiments of the lab use it, because they decide after each answer what comes next. The
// load runs use pipelined-connection.ts directly, on which this is built.

import type { Clock } from "../base/clock.ts";
import {
  type Exchange,
  type ExchangeListener,
  PipelinedConnection,
} from "./pipelined-connection.ts";
import type { Failure, RequestOutcome } from "./request-outcome.ts";
import type { LoadMethod } from "./response-head.ts";
import { ResponseParser } from "./response-parser.ts";
import { SocketOpener, type TargetAddress } from "./sockets.ts";

export interface ClientConnectionOptions {
  /** When the host could not be looked up, the failure that every request gets. */
  readonly target: TargetAddress | Failure;
  readonly method: LoadMethod;
  /** The complete request; see `formatRequest`. */
  readonly requestBytes: Buffer;
  /** The local address to send from; undefined lets the system choose. */
  readonly source: string | undefined;
  /** For a whole request, connecting included. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  readonly clock: Clock;
}

/** One request at a time over a connection that is kept, if `keepAlive` says so. */
export class ClientConnection implements ExchangeListener {
  readonly #options: ClientConnectionOptions;
  readonly #connection: PipelinedConnection;
  #settle: ((outcome: RequestOutcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    const { target, method, requestBytes, source, timeoutMs, keepAlive, clock } = options;
    const connectionOptions = {
      target,
      requestTexts: [requestBytes.toString("latin1")],
      timeoutMs,
      keepAlive,
      pipelining: 1,
      parser: new ResponseParser({ method }),
      opener: new SocketOpener(undefined),
      clock,
    };
    this.#connection = new PipelinedConnection(connectionOptions, this, source);
  }

  /** Sends the request once. Call it again only after the promise has settled. It never rejects. */
  send(): Promise<RequestOutcome> {
    const { promise, resolve } = Promise.withResolvers<RequestOutcome>();
    const nowMs = this.#options.clock.monotonicMs();
    this.#settle = resolve;
    // A test's clock may stand still, so the timer alone decides when the wait is over.
    this.#timer = setTimeout(
      () => this.#connection.checkDeadline(Number.POSITIVE_INFINITY),
      this.#options.timeoutMs,
    );
    this.#connection.send(0, nowMs, nowMs);
    this.#connection.flush();
    return promise;
  }

  /** Closes the socket. A request on its way settles as abandoned. */
  close(): void {
    this.#connection.close();
    this.#finish({ kind: "abandoned" });
  }

  onAnswer(
    _connection: PipelinedConnection,
    { sentMs, isRetried }: Exchange,
    { status, bodyBytes, isKeptAlive }: ResponseParser,
    nowMs: number,
  ): void {
    this.#finish({
      kind: "answered",
      status,
      bodyBytes,
      latencyMs: nowMs - sentMs,
      complete: true,
      connectionReusable: isKeptAlive && this.#options.keepAlive,
      retried: isRetried,
    });
  }

  onFailure(_connection: PipelinedConnection, { isRetried }: Exchange, failure: Failure): void {
    this.#finish({ ...failure, retried: isRetried });
  }

  #finish(outcome: RequestOutcome): void {
    clearTimeout(this.#timer);
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}
