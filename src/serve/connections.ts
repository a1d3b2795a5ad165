// Open connections as a group, whatever is served over them: which engine speaks over a transport, how
// many connections there may be, their deadlines, and how they end when the server stops. A server thread
// has one such group (thread-connections.ts), and the admin interface another (admin-interface.ts).

import type { Clock } from "../base/clock.ts";
import type { Fields } from "../http/reply.ts";
import type { Refusal } from "../http/request.ts";
import { Connection } from "../http1/connection.ts";
import { RequestHeadCache } from "../http1/request-head-cache.ts";
import { ResponseWriter } from "../http1/response-writer.ts";
import type { Engine, ExchangeHandler, HttpLimits, WireExchange } from "../transport/engine.ts";
import type { Transport } from "../transport/transport.ts";

export interface ConnectionsOptions {
  readonly connectionsMax: number;
  readonly limits: HttpLimits;
  /** Fields of every answer. */
  readonly fields: Fields;
  readonly clock: Clock;
}

/** What holds a place in the group: an engine, or what comes before it is known whose connection it is. */
export type OpenConnection = Pick<Engine, "checkDeadline" | "drain">;

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open: Set<OpenConnection>;
  readonly #requestHeadCache: RequestHeadCache;
  readonly #responseWriter: ResponseWriter;
  #isDraining: boolean;

  constructor(options: ConnectionsOptions) {
    const { limits, clock, fields } = options;
    this.#options = options;
    this.#open = new Set();
    this.#requestHeadCache = new RequestHeadCache();
    this.#responseWriter = new ResponseWriter(limits, clock.wallMs, fields);
    this.#isDraining = false;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Whether one more would be too many. It is opened all the same, because its client gets an answer. */
  get isFull(): boolean {
    return this.#open.size >= this.#options.connectionsMax;
  }

  /**
   * Serves one connection until it ends.
   * @param handlerOf makes what answers it; `remove` is to be called when the connection is gone
   * @param rejection the only answer of this connection; undefined: its requests are answered
   */
  serve<E extends WireExchange>(
    transport: Transport,
    handlerOf: (remove: () => void) => ExchangeHandler<E>,
    rejection: Refusal | undefined,
  ): void {
    const { limits, clock } = this.#options;
    // The one place where an engine is chosen. There is one so far: another protocol goes in here.
    const engine: Engine = new Connection<E>({
      transport,
      handler: handlerOf(() => this.remove(engine)),
      limits,
      monotonicMs: clock.monotonicMs,
      requestHeadCache: this.#requestHeadCache,
      responseWriter: this.#responseWriter,
    });
    this.#open.add(engine);
    if (rejection !== undefined) engine.reject(rejection);
    else if (this.#isDraining) engine.drain();
  }

  add(connection: OpenConnection): void {
    this.#open.add(connection);
    if (this.#isDraining) connection.drain();
  }

  remove(connection: OpenConnection): void {
    this.#open.delete(connection);
  }

  /** Ends what has taken too long: to be called a few times a second. */
  checkDeadlines(nowMs: number): void {
    for (const connection of this.#open) connection.checkDeadline(nowMs);
  }

  /** The server stops: connections end soon, those that are still to come too. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of this.#open) connection.drain();
  }
}
