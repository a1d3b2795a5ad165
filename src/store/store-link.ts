// A server thread's way to the store: the connection, and whether it is used at all. A failure opens
// the breaker, so that no request waits for a store that is gone; a probe of our own finds out when it
// is back, and that an idle store is still there. No request is ever the probe. Used by fleet-limiter.ts.

import {
  type DelayBounds,
  defineScript,
  retryDelayMs,
  type StoreAddress,
  type StoreArgument,
  StoreConnection,
  type StoreScript,
} from "./store-connection.ts";
import { describeStoreFailure, type StoreError } from "./store-error.ts";

/** Counts the answers and failures of the store. */
export interface StoreMetrics {
  storeAnswered(roundTripMs: number): void;
  storeFailed(): void;
}

export interface StoreLinkOptions {
  readonly address: StoreAddress;
  readonly scripts: readonly StoreScript[];
  readonly metrics: StoreMetrics | undefined;
  readonly clock: { monotonicMs(): number };
  /** Called when it is first known; when the store is gone for longer than a moment; when it is back. */
  readonly onChange: (isUp: boolean, reason: string) => void;
}

/** It writes, as the limit does: a store that is full or read-only answers everything else. */
const PROBE_SCRIPT = defineScript("return redis.call('SET', KEYS[1], '1', 'PX', 1000)");
const PROBE_DELAY = { firstMs: 100, maxMs: 2000 };
/** A store that has not been asked for so long is asked by us. */
const IDLE_MS_MAX = 1000;
const TICK_INTERVAL_MS = 50;

export class StoreLink {
  private readonly options: StoreLinkOptions;
  private readonly breaker = new CircuitBreaker(PROBE_DELAY, Math.random);
  /** Resolves when it is known whether the store is there. */
  private readonly known = Promise.withResolvers<void>();
  private readonly timer: NodeJS.Timeout;
  private connection: StoreConnection | undefined;
  private latestAnswerMs = Number.NEGATIVE_INFINITY;
  private isConnected = false;
  private isProbing = false;
  /** The latest report. */
  private toldUp: boolean | undefined;

  private constructor(options: StoreLinkOptions) {
    this.options = options;
    this.timer = setInterval(() => this.tick(), TICK_INTERVAL_MS);
  }

  /** Settles when it is known whether the store is there; a second at most. */
  static async open(options: StoreLinkOptions): Promise<StoreLink> {
    const link = new StoreLink(options);
    link.connection = await StoreConnection.open({
      address: options.address,
      scripts: [...options.scripts, PROBE_SCRIPT],
      onReady: () => link.connected(),
      onLost: (error) => link.disconnected(error),
    });
    await link.known.promise;
    return link;
  }

  /** Whether the store is asked. */
  get isUp(): boolean {
    return this.breaker.isClosed;
  }

  /** Rejects with a StoreError; the link is not up then. */
  async run(
    script: StoreScript,
    keys: readonly string[],
    args: readonly StoreArgument[],
    deadlineMs?: number,
  ): Promise<unknown> {
    const { metrics, clock } = this.options;
    const sentMs = clock.monotonicMs();
    try {
      const reply = await this.connection!.run(script, keys, args, deadlineMs);
      this.latestAnswerMs = clock.monotonicMs();
      metrics?.storeAnswered(this.latestAnswerMs - sentMs);
      return reply;
    } catch (error) {
      metrics?.storeFailed();
      this.breaker.fail(clock.monotonicMs());
      throw describeStoreFailure(error);
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.connection?.close();
  }

  private connected(): void {
    this.isConnected = true;
    this.breaker.hurry();
    this.tick();
  }

  /** The end of a connection may be a hiccup, after which a new one works: it is not reported. */
  private disconnected(error: StoreError): void {
    this.breaker.fail(this.options.clock.monotonicMs());
    if (!this.isConnected) this.tell(false, error.message);
    this.isConnected = false;
  }

  private tick(): void {
    if (!this.isConnected || this.isProbing) return;
    const nowMs = this.options.clock.monotonicMs();
    const isIdle = this.breaker.isClosed && nowMs - this.latestAnswerMs > IDLE_MS_MAX;
    if (isIdle || this.breaker.beginProbe(nowMs)) void this.probe();
  }

  /** So may one command that fails; a probe after it that fails is none. */
  private async probe(): Promise<void> {
    this.isProbing = true;
    const wasUp = this.isUp;
    try {
      await this.run(PROBE_SCRIPT, [`${this.options.address.prefix}probe`], []);
      this.breaker.succeed();
      this.tell(true, "");
    } catch (error) {
      if (!wasUp) this.tell(false, (error as StoreError).message);
    }
    this.isProbing = false;
  }

  private tell(isUp: boolean, reason: string): void {
    this.known.resolve();
    if (this.toldUp === isUp) return;
    this.toldUp = isUp;
    this.options.onChange(isUp, reason);
  }
}

/**
 * Whether the store is asked at all: closed, it is; open, it is not, because it has failed a moment ago;
 * half-open, one probe is on its way. A state machine without a timer of its own: the time is handed in.
 */
export class CircuitBreaker {
  readonly #bounds: DelayBounds;
  readonly #chance: () => number;
  #state: "closed" | "open" | "half-open" = "open";
  #failures = 0;
  #probeDueMs = Number.NEGATIVE_INFINITY;

  /** Open at first, with a probe due: nothing is known of the store. @param chance 0 to 1 */
  constructor(bounds: DelayBounds, chance: () => number) {
    this.#bounds = bounds;
    this.#chance = chance;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Something failed. While it is open, that belongs to an earlier command and says nothing new. */
  fail(nowMs: number): void {
    if (this.#state === "open") return;
    this.#failures++;
    this.#state = "open";
    this.#probeDueMs = nowMs + retryDelayMs(this.#bounds, this.#failures, this.#chance());
  }

  /** The probe was answered. An answer to something that was asked earlier closes nothing. */
  succeed(): void {
    if (this.#state !== "half-open") return;
    this.#state = "closed";
    this.#failures = 0;
  }

  /** There is a reason to believe that the store is back: the probe is due now. */
  hurry(): void {
    this.#probeDueMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether the caller probes now, and says afterwards how it went */
  beginProbe(nowMs: number): boolean {
    if (this.#state !== "open" || nowMs < this.#probeDueMs) return false;
    this.#state = "half-open";
    return true;
  }
}
