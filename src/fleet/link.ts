// A server thread's way to the store: the connection, and whether it is used at all. A failure opens the
// breaker, so that no request waits for a store that is gone. A probe finds out when the store is back, and
// whether an idle store is still there. No request is ever the probe. limiter.ts uses it.

import {
  type DelayBounds,
  defineScript,
  retryDelayMs,
  type StoreAddress,
  type StoreArgument,
  StoreConnection,
  type StoreScript,
} from "./connection.ts";
import { describeStoreFailure, type StoreError } from "./health.ts";

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
  /** Called when it is first known whether the store is there, when it is gone for a while, and when it is back. */
  readonly onChange: (isUp: boolean, reason: string) => void;
}

/** It writes, as the limit does, because a store that is full or read-only still answers reads. */
const PROBE_SCRIPT = defineScript("return redis.call('SET', KEYS[1], '1', 'PX', 1000)");
const PROBE_DELAY = { firstMs: 100, maxMs: 2000 };
/** After so long without a command a probe is sent. */
const IDLE_MS_MAX = 1000;
const TICK_INTERVAL_MS = 50;

export class StoreLink {
  readonly #options: StoreLinkOptions;
  readonly #breaker = new CircuitBreaker(PROBE_DELAY, Math.random);
  /** Resolves when it is known whether the store is there. */
  readonly #known = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  #connection: StoreConnection | undefined;
  #latestAnswerMs = Number.NEGATIVE_INFINITY;
  #isConnected = false;
  #isProbing = false;
  /** What was reported last. */
  #toldUp: boolean | undefined;

  private constructor(options: StoreLinkOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_INTERVAL_MS);
  }

  /** Settles when it is known whether the store is there, after a second at most. */
  static async open(options: StoreLinkOptions): Promise<StoreLink> {
    const link = new StoreLink(options);
    link.#connection = await StoreConnection.open({
      address: options.address,
      scripts: [...options.scripts, PROBE_SCRIPT],
      onReady: () => link.#connected(),
      onLost: (error) => link.#disconnected(error),
    });
    await link.#known.promise;
    return link;
  }

  /** Whether the store is used now. */
  get isUp(): boolean {
    return this.#breaker.isClosed;
  }

  /** Rejects with a StoreError. Then the link is no longer up. */
  async run(
    script: StoreScript,
    keys: readonly string[],
    args: readonly StoreArgument[],
    deadlineMs?: number,
  ): Promise<unknown> {
    const { metrics, clock } = this.#options;
    const sentMs = clock.monotonicMs();
    try {
      const reply = await this.#connection!.run(script, keys, args, deadlineMs);
      this.#latestAnswerMs = clock.monotonicMs();
      metrics?.storeAnswered(this.#latestAnswerMs - sentMs);
      return reply;
    } catch (error) {
      metrics?.storeFailed();
      this.#breaker.fail(clock.monotonicMs());
      throw describeStoreFailure(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#connection?.close();
  }

  #connected(): void {
    this.#isConnected = true;
    this.#breaker.hurry();
    this.#tick();
  }

  /** The end of a connection may be a hiccup after which a new one works, so it is not reported. */
  #disconnected(error: StoreError): void {
    this.#breaker.fail(this.#options.clock.monotonicMs());
    if (!this.#isConnected) this.#tell(false, error.message);
    this.#isConnected = false;
  }

  #tick(): void {
    if (!this.#isConnected || this.#isProbing) return;
    const nowMs = this.#options.clock.monotonicMs();
    const isIdle = this.#breaker.isClosed && nowMs - this.#latestAnswerMs > IDLE_MS_MAX;
    if (isIdle || this.#breaker.beginProbe(nowMs)) void this.#probe();
  }

  /** One failed command may be a hiccup as well. When the probe after it fails too, that is reported. */
  async #probe(): Promise<void> {
    this.#isProbing = true;
    const wasUp = this.isUp;
    try {
      await this.run(PROBE_SCRIPT, [`${this.#options.address.prefix}probe`], []);
      this.#breaker.succeed();
      this.#tell(true, "");
    } catch (error) {
      if (!wasUp) this.#tell(false, (error as StoreError).message);
    }
    this.#isProbing = false;
  }

  #tell(isUp: boolean, reason: string): void {
    this.#known.resolve();
    if (this.#toldUp === isUp) return;
    this.#toldUp = isUp;
    this.#options.onChange(isUp, reason);
  }
}

/**
 * Whether the store is used. Closed: it is. Open: it is not, because it failed a moment ago. Half-open: a probe
 * is on its way. A state machine without a timer: the time is handed in.
 */
export class CircuitBreaker {
  readonly #bounds: DelayBounds;
  readonly #chance: () => number;
  #state: "closed" | "open" | "half-open" = "open";
  #failures = 0;
  #probeDueMs = Number.NEGATIVE_INFINITY;

  /** Open at first with a probe due, because nothing is known about the store. @param chance 0 to 1 */
  constructor(bounds: DelayBounds, chance: () => number) {
    this.#bounds = bounds;
    this.#chance = chance;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** A command failed. While the breaker is open, that is an earlier command and says nothing new. */
  fail(nowMs: number): void {
    if (this.#state === "open") return;
    this.#failures++;
    this.#state = "open";
    this.#probeDueMs = nowMs + retryDelayMs(this.#bounds, this.#failures, this.#chance());
  }

  /** The probe was answered. An answer to an earlier command does not close the breaker. */
  succeed(): void {
    if (this.#state !== "half-open") return;
    this.#state = "closed";
    this.#failures = 0;
  }

  /** The store is probably back, so a probe is due now. */
  hurry(): void {
    this.#probeDueMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether the caller has to send a probe now and report its outcome */
  beginProbe(nowMs: number): boolean {
    if (this.#state !== "open" || nowMs < this.#probeDueMs) return false;
    this.#state = "half-open";
    return true;
  }
}
