// Where the hits of a running server are kept: in the store that several servers share, in an SQLite file
// of the state folder, or nowhere. With a store there is no file: the same hits in two places would be
// counted twice as soon as one of them is read again. Called by running-server.ts.

import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { StoreUrl } from "../config/store-url.ts";
import type { HitLedger, HitSaver } from "../hits/hit-ledger.ts";
import { SqliteSaver } from "../hits/sqlite-saver.ts";
import type { StoreHealth } from "../store/store-health.ts";
import { warn } from "./warning.ts";

/** With a store a promise: it resolves when the hits of before are shown, or the store does not give them. */
export function openHitSaver(
  config: ServeConfig,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): HitSaver | undefined | Promise<HitSaver> {
  const { store, stateDir, rootDir } = config;
  if (store !== undefined) return saveInStore(config, store, ledger, storeHealth);
  if (stateDir === undefined) return undefined;
  const saver = new SqliteSaver({ stateDir, rootDir, ledger, warn, wallMs: systemClock.wallMs });
  saver.start();
  return saver;
}

/** The code for the store is loaded only where one is named. */
async function saveInStore(
  { stateDir, rootDir }: ServeConfig,
  url: StoreUrl,
  ledger: HitLedger,
  storeHealth: StoreHealth | undefined,
): Promise<HitSaver> {
  const { openFleetSaver } = await import("../store/fleet-saver.ts");
  const store = `${url.host}:${url.port}/${url.database} ${url.prefix}`;
  return openFleetSaver({
    address: url,
    shown: url.shown,
    place: stateDir === undefined ? undefined : { stateDir, rootDir, store },
    ledger,
    warn,
    onChange: (isUp, reason) => storeHealth?.report("hits", isUp, reason),
    wallMs: systemClock.wallMs,
  });
}
