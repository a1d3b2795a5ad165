// Keeps the hits in shared memory and those in the store in step, on the main thread, as hit-saver.ts
// does with the disk: everything is loaded at the start, and twice a second merged. Whatever the store
// does, counting goes on in memory, and is merged as soon as it can be.

import { settledWithin } from "../base/settled-within.ts";
import type { HitLedger } from "../hits/hit-ledger.ts";
import type { ScriptRunner } from "./hit-scripts.ts";
import { HitSync } from "./hit-sync.ts";
import { type IdentityPlace, InstanceIdentity } from "./instance-identity.ts";

export interface StoreHitSaverOptions {
  readonly scripts: ScriptRunner;
  /** Before every key. */
  readonly prefix: string;
  /** The store as people see it, without a password. */
  readonly shown: string;
  /** Where the name of this instance is kept; undefined: it has a new one. */
  readonly place: IdentityPlace | undefined;
  readonly ledger: HitLedger;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  /** The hits cannot be merged now, and why; or they are again. Told once each. */
  readonly onChange: (isUp: boolean, reason: string) => void;
  readonly wallMs: () => number;
}

/** Two passes a second, so that everybody sees everything within one. */
const PASS_INTERVAL_MS = 500;
/** A failure that the next pass does not meet any more is nobody's business. */
const FAILED_PASSES_TOLD = 2;
/** A start waits no longer for the store, nor does a stop. */
const WAIT_MS_MAX = 1000;

export class StoreHitSaver {
  private readonly options: StoreHitSaverOptions;
  private readonly identity: InstanceIdentity;
  private readonly sync: HitSync;
  private timer: NodeJS.Timeout | undefined;
  private passing: Promise<void> | undefined;
  private isStopped = false;
  private isUp = true;
  /** Since the last good pass; the first one counts as many, because a start should say what is so. */
  private failedPasses = FAILED_PASSES_TOLD - 1;
  private hasEnded = false;
  private hasWarnedOfRoom = false;
  private savedMs: number;

  constructor(options: StoreHitSaverOptions) {
    const { place, scripts, prefix, ledger } = options;
    this.options = options;
    this.identity = place === undefined ? InstanceIdentity.fresh() : InstanceIdentity.open(place);
    this.sync = new HitSync({ scripts, prefix, ledger, identity: this.identity });
    this.savedMs = options.wallMs();
  }

  /** How long ago all hits were in the store, in ms: what was counted since may be missing after a kill. */
  get lagMs(): number {
    return Math.max(0, this.options.wallMs() - this.savedMs);
  }

  /**
   * Loads what is in the store and begins to merge. Resolves when all of it is shown, and after a second
   * in any case: what is missing then comes as soon as the store gives it.
   */
  async start(): Promise<void> {
    await settledWithin(this.pass(), WAIT_MS_MAX);
  }

  /** Merges without waiting for the next half second: the store is back. */
  passNow(): void {
    if (!this.isStopped) void this.pass();
  }

  /** Merges what was counted last, for a second at most; tells how much could not be merged. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    clearTimeout(this.timer);
    // One that is under way may have begun before the last hit.
    const lastPass = (this.passing ?? Promise.resolve()).then(() => this.tryPass());
    await settledWithin(lastPass, WAIT_MS_MAX);
    this.end();
  }

  /** Ends now. What was counted since the latest pass is missing. */
  stopAtOnce(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.end();
  }

  private end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const { shown, warn } = this.options;
    const unsaved = this.sync.countUnsaved();
    if (unsaved > 0)
      warn(`hits that could not be saved in the store ${shown} and are lost: ${unsaved}`);
    this.identity.close();
  }

  /** One after the other: a pass that is asked for meanwhile is the one under way. */
  private pass(): Promise<void> {
    clearTimeout(this.timer);
    this.passing ??= this.tryPass().finally(() => {
      this.passing = undefined;
      if (!this.isStopped) this.timer = setTimeout(() => void this.pass(), PASS_INTERVAL_MS);
    });
    return this.passing;
  }

  private async tryPass(): Promise<void> {
    this.warnOfRoom();
    const startedMs = this.options.wallMs();
    try {
      await this.sync.pass();
      this.savedMs = startedMs;
      this.failedPasses = 0;
      this.tell(true, "");
    } catch (error) {
      this.failedPasses++;
      if (this.failedPasses >= FAILED_PASSES_TOLD) this.tell(false, (error as Error).message);
    }
  }

  private tell(isUp: boolean, reason: string): void {
    if (this.isUp === isUp) return;
    this.isUp = isUp;
    this.options.onChange(isUp, reason);
  }

  private warnOfRoom(): void {
    if (this.hasWarnedOfRoom || this.options.ledger.hitsWithoutRoom() === 0) return;
    this.hasWarnedOfRoom = true;
    this.options.warn("the table of counted files is full: hits of further files are not counted");
  }
}
