// Open connections as a group, whatever is served over them: which engine speaks over a transport, how
// many connections there may be, their deadlines, and how they end when the server stops. A server thread
// has one such group (thread-connections.ts), and the admin interface another (admin-interface.ts).

import type { Clock } from "../base/clock.ts";
import type { HttpLimits } from "../http/limits.ts";
import type { Fields } from "../http/reply.ts";
import type { Refusal } from "../http/request.ts";
import { Connection } from "../http1/connection.ts";
import { RequestHeadCache } from "../http1/request-head-cache.ts";
import { ResponseHeadFormatter } from "../http1/response-head.ts";
import { SerialisedResponses } from "../http1/serialised-response.ts";
import type { Engine, ExchangeHandler, WireExchange } from "../transport/engine.ts";
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
  readonly #formatter: ResponseHeadFormatter;
  readonly #serialised: SerialisedResponses;
  #isDraining: boolean;

  constructor(options: ConnectionsOptions) {
    const { limits, clock, fields } = options;
    this.#options = options;
    this.#open = new Set();
    this.#requestHeadCache = new RequestHeadCache();
    this.#formatter = new ResponseHeadFormatter(limits, clock.wallMs, fields);
    this.#serialised = new SerialisedResponses();
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
    const handler = handlerOf(() => this.remove(engine));
    const engine = this.#openEngine(transport, handler);
    if (rejection === undefined) {
      this.add(engine);
      return;
    }
    this.#open.add(engine);
    engine.reject(rejection);
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

  /** Chooses the engine of a transport. There is one so far; the engine of another protocol goes in here. */
  #openEngine<E extends WireExchange>(transport: Transport, handler: ExchangeHandler<E>): Engine {
    const { limits, clock } = this.#options;
    return new Connection<E>({
      transport,
      handler,
      limits,
      monotonicMs: clock.monotonicMs,
      requestHeadCache: this.#requestHeadCache,
      formatter: this.#formatter,
      serialised: this.#serialised,
    });
  }
}
