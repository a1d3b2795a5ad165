// The hits of several servers as running-server.ts has them: opens the main thread's connection to the
// store, and begins to merge on it. Loaded only where a store is named.

import { SYNC_SCRIPTS } from "./hit-scripts.ts";
import { type StoreAddress, StoreConnection } from "./store-connection.ts";
import { StoreHitSaver, type StoreHitSaverOptions } from "./store-hit-saver.ts";

export interface StoreHitsOptions extends Omit<StoreHitSaverOptions, "scripts" | "prefix"> {
  readonly address: StoreAddress;
}

export interface StoreHits {
  readonly lagMs: number;
  stop(): Promise<void>;
  stopAtOnce(): void;
}

/** Resolves when the hits in the store are shown, or it is clear that they are not to be had now. */
export async function openStoreHits(options: StoreHitsOptions): Promise<StoreHits> {
  const { address } = options;
  const { promise: firstOutcome, resolve } = Promise.withResolvers<void>();
  let saver: StoreHitSaver | undefined;
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
  const started = new StoreHitSaver({ ...options, scripts: connection, prefix: address.prefix });
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
