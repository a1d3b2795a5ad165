// Where the hits of a running server are kept: in the store that servers share, in an SQLite file of the
// state folder, or nowhere. With a store there is no file: the same hits in two places would be counted
// twice as soon as one of them is read again.

import { systemClock } from "../base/clock.ts";
import type { ServeConfig, StoreConfig } from "../config/serve-config.ts";
import type { HitLedger } from "../hits/hit-ledger.ts";
import { HitSaver } from "../hits/hit-saver.ts";
import type { StoreHealth } from "../store/store-health.ts";
import { warn } from "./warning.ts";

export interface HitSaving {
  /** How long ago all hits were saved, in ms. */
  readonly lagMs: number;
  /** Saves what was counted last; waits for a store, but not for long. */
  stop(): void | Promise<void>;
  /** Ends now, saving what can be saved without waiting. */
  stopAtOnce(): void;
}

/** Resolves when the hits of before are shown, or are known not to be had now. */
export function openHitSaving(
  config: ServeConfig,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): HitSaving | undefined | Promise<HitSaving> {
  if (config.store !== undefined) return saveInStore(config, config.store, ledger, storeHealth);
  if (config.stateDir === undefined) return undefined;
  const saver = new HitSaver({
    stateDir: config.stateDir,
    rootDir: config.rootDir,
    ledger,
    warn,
    wallMs: systemClock.wallMs,
  });
  saver.start();
  return {
    get lagMs() {
      return saver.lagMs;
    },
    stop: () => saver.stop(),
    stopAtOnce: () => saver.stop(),
  };
}

/** What belongs to the store is loaded only where one is named. */
async function saveInStore(
  { stateDir, rootDir }: ServeConfig,
  { url }: StoreConfig,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): Promise<HitSaving> {
  const { openStoreHits } = await import("../store/open-store-hits.ts");
  const store = `${url.host}:${url.port}/${url.database} ${url.prefix}`;
  return openStoreHits({
    address: url,
    shown: url.shown,
    place: stateDir === undefined ? undefined : { stateDir, rootDir, store },
    ledger,
    warn,
    onChange: (isUp, reason) => storeHealth?.report("hits", isUp, reason),
    wallMs: systemClock.wallMs,
  });
}
