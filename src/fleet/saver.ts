// Keeps the hits in shared memory and in the store of the fleet in step, on the main thread, as
// hits/sqlite-saver.ts does with the disk. It loads everything at the start and merges twice a second
// (hit-sync.ts). When the store fails, counting goes on in memory and is merged as soon as possible.
// serve/outputs.ts loads it only where a store is named.

import { settledWithin } from "../base/clock.ts";
import type { HitLedger, HitSaver } from "../hits/ledger.ts";
import { type StoreAddress, StoreConnection } from "./connection.ts";
import { type ScriptRunner, SYNC_SCRIPTS } from "./hit-scripts.ts";
import { HitSync } from "./hit-sync.ts";
import { type IdentityPlace, InstanceIdentity } from "./instance-identity.ts";

export interface FleetSaverOptions {
  readonly scripts: ScriptRunner;
  /** Precedes every key. */
  readonly prefix: string;
  /** The store's URL without its password. */
  readonly shown: string;
  /** Where the name of this instance is kept; undefined for a new name at each start. */
  readonly place: IdentityPlace | undefined;
  readonly ledger: HitLedger;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  /** Called once for each change: hits cannot be merged now, and why; or they are merged again. */
  readonly onChange: (isUp: boolean, reason: string) => void;
  readonly wallMs: () => number;
}

/** Two passes a second, so that every server sees everything within one. */
const PASS_INTERVAL_MS = 500;
/** A single failure is not reported: the next pass may succeed. */
const FAILED_PASSES_TOLD = 2;
/** Neither a start nor a stop waits longer for the store. */
const WAIT_MS_MAX = 1000;

export class FleetSaver implements HitSaver {
  readonly #options: FleetSaverOptions;
  readonly #identity: InstanceIdentity;
  readonly #sync: HitSync;
  #timer: NodeJS.Timeout | undefined;
  #passing: Promise<void> | undefined;
  #isStopped = false;
  #isUp = true;
  /** Since the last good pass. At a start the first failure is reported as well. */
  #failedPasses = FAILED_PASSES_TOLD - 1;
  #hasEnded = false;
  #savedMs: number;

  constructor(options: FleetSaverOptions) {
    const { place, scripts, prefix, ledger } = options;
    this.#options = options;
    this.#identity = place === undefined ? InstanceIdentity.fresh() : InstanceIdentity.open(place);
    this.#sync = new HitSync({ scripts, prefix, ledger, identity: this.#identity });
    this.#savedMs = options.wallMs();
  }

  get lagMs(): number {
    return Math.max(0, this.#options.wallMs() - this.#savedMs);
  }

  /**
   * Loads the hits in the store and begins to merge. Resolves when all of them are loaded, or after a second.
   * Then the rest follows as soon as the store sends it.
   */
  async start(): Promise<void> {
    await settledWithin(this.#pass(), WAIT_MS_MAX);
  }

  /** The store is back: merges without waiting for the next half second. */
  passNow(): void {
    if (!this.#isStopped) void this.#pass();
  }

  /** Merges the latest hits, for a second at most, and reports how many could not be merged. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    // A pass that is under way may have started before the last hit.
    const lastPass = (this.#passing ?? Promise.resolve()).then(() => {
      // A thread that was ended in the middle of a hit may have counted it without listing it.
      this.#options.ledger.lookAtAll();
      return this.#tryPass();
    });
    await settledWithin(lastPass, WAIT_MS_MAX);
    this.#end();
  }

  /** Ends now. Hits since the latest pass are lost. */
  stopAtOnce(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { shown, warn } = this.#options;
    const unsaved = this.#sync.countUnsaved();
    if (unsaved > 0) {
      warn(`hits that could not be saved in the store ${shown} and are lost: ${unsaved}`);
    }
    this.#identity.close();
  }

  /** Passes run one after the other. While one is under way, a call returns that one. */
  #pass(): Promise<void> {
    clearTimeout(this.#timer);
    this.#passing ??= this.#tryPass().finally(() => {
      this.#passing = undefined;
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.#pass(), PASS_INTERVAL_MS);
    });
    return this.#passing;
  }

  async #tryPass(): Promise<void> {
    const { ledger, warn, wallMs } = this.#options;
    const roomWarning = ledger.takeRoomWarning();
    if (roomWarning !== undefined) warn(roomWarning);
    const startedMs = wallMs();
    try {
      await this.#sync.pass();
      this.#savedMs = startedMs;
      this.#failedPasses = 0;
      this.#report(true, "");
    } catch (error) {
      this.#failedPasses++;
      if (this.#failedPasses >= FAILED_PASSES_TOLD) this.#report(false, (error as Error).message);
    }
  }

  #report(isUp: boolean, reason: string): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    this.#options.onChange(isUp, reason);
  }
}

export interface OpenFleetSaverOptions extends Omit<FleetSaverOptions, "scripts" | "prefix"> {
  readonly address: StoreAddress;
}

/**
 * Opens the main thread's connection to the store and begins to merge. Resolves when the hits in the store are
 * loaded, or cannot be loaded now.
 */
export async function openFleetSaver(options: OpenFleetSaverOptions): Promise<HitSaver> {
  const { address } = options;
  const { promise: firstOutcome, resolve } = Promise.withResolvers<void>();
  let saver: FleetSaver | undefined;
  const connection = await StoreConnection.open({
    address,
    scripts: SYNC_SCRIPTS,
    onReady: () => {
      resolve();
      saver?.passNow();
    },
    onLost: () => resolve(),
  });
  await firstOutcome;
  const started = new FleetSaver({ ...options, scripts: connection, prefix: address.prefix });
  saver = started;
  await started.start();
  return {
    get lagMs() {
      return started.lagMs;
    },
    async stop() {
      await started.stop();
      connection.close();
    },
    stopAtOnce() {
      started.stopAtOnce();
      connection.close();
    },
  };
}
