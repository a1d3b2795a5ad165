// The places for connections that one thread of a load run has: each with its connection, and which of
// them can take one more request. Used by thread-run.ts.

import type { Clock } from "../base/clock.ts";
import { BodyReader } from "./body-check.ts";
import {
  type ConnectionOptions,
  type ExchangeListener,
  PipelinedConnection,
} from "./pipelined-connection.ts";
import type { Failure } from "./request-outcome.ts";
import { HeadCache } from "./response-head.ts";
import { ResponseParser } from "./response-parser.ts";
import type { LoadPlan } from "./result.ts";
import { SocketOpener, type TargetAddress, type TlsOptions } from "./sockets.ts";

export interface ThreadJob {
  readonly plan: LoadPlan;
  /** Complete requests, one for each URL of the plan. */
  readonly requestTexts: readonly string[];
  /** Absent without TLS. */
  readonly tls: TlsOptions | undefined;
  /** Which of the plan's threads this is. */
  readonly threadIndex: number;
}

/** A connection's place in the run. */
export interface Slot {
  readonly connection: PipelinedConnection;
  readonly body: BodyReader | undefined;
  sourceIndex: number;
  isFree: boolean;
}

/** The thread's share of the plan's connections, beginning with number `threadIndex`; none is open yet. */
export function makeSlots(
  { plan, requestTexts, tls, threadIndex }: ThreadJob,
  target: TargetAddress | Failure,
  clock: Clock,
  listener: ExchangeListener,
): Slot[] {
  const heads = new HeadCache();
  const opener = new SocketOpener(tls);
  const { method, timeoutMs, keepAlive, pipelining, sources } = plan;
  const slotCount = Math.ceil((plan.connections - threadIndex) / plan.threads);
  return Array.from({ length: slotCount }, (_, index) => {
    const body = plan.checksBodies ? new BodyReader() : undefined;
    const parser = new ResponseParser({ method, heads, ...(body && { body }) });
    const facts = { target, requestTexts, timeoutMs, keepAlive, pipelining };
    const options: ConnectionOptions = { ...facts, parser, opener, clock };
    const sourceIndex = (threadIndex + index * plan.threads) % Math.max(sources.length, 1);
    const connection = new PipelinedConnection(options, listener, sources[sourceIndex]);
    return { connection, body, sourceIndex, isFree: true };
  });
}

/** Which of several free connections comes next. */
type FreeOrder =
  /** The last one used: this opens fewer connections and keeps them from idling. */
  | "last-used"
  /** The one that has waited longest: this leaves no connection out. */
  | "in-turn";

/** The connections that can take one more request. Each is in it at most once; `capacity` is their number. */
export class FreeConnections<T> {
  readonly #places: (T | undefined)[];
  readonly #order: FreeOrder;
  #firstIndex = 0;
  #count = 0;

  constructor(capacity: number, order: FreeOrder) {
    this.#places = new Array<T | undefined>(capacity).fill(undefined);
    this.#order = order;
  }

  get count(): number {
    return this.#count;
  }

  give(connection: T): void {
    this.#places[this.#placeAt(this.#count++)] = connection;
  }

  /** The next one, or undefined when none is free. */
  take(): T | undefined {
    if (this.#count === 0) return undefined;
    this.#count--;
    if (this.#order === "last-used") return this.#places[this.#placeAt(this.#count)];
    const connection = this.#places[this.#firstIndex];
    this.#firstIndex = this.#placeAt(1);
    return connection;
  }

  #placeAt(offset: number): number {
    return (this.#firstIndex + offset) % this.#places.length;
  }
}
