// Opens the limit over several servers for one server thread: its link to the store, and the limiter
// on it. Imported by server-thread.ts when a store is named, and only then: the client of the store
// takes 50 to 80 ms to load.

import type { SharedLimiter } from "../limit/limiter.ts";
import type { WindowShape } from "../limit/sliding-window.ts";
import { LIMIT_SCRIPT } from "./limit-script.ts";
import type { StoreAddress } from "./store-connection.ts";
import { StoreLimiter } from "./store-limiter.ts";
import { StoreLink, type StoreMetrics } from "./store-link.ts";

export interface StoreLimitOptions {
  readonly address: StoreAddress;
  readonly whenDown: "local" | "open" | "closed";
  readonly local: SharedLimiter;
  readonly shape: WindowShape;
  readonly metrics: StoreMetrics | undefined;
  readonly clock: { monotonicMs(): number };
  readonly onChange: (isUp: boolean, reason: string) => void;
}

export interface OpenStoreLimiter {
  readonly limiter: StoreLimiter;
  close(): void;
}

/** Settles when it is known whether the store is there; without one it works as --store-down says. */
export async function openStoreLimiter(options: StoreLimitOptions): Promise<OpenStoreLimiter> {
  const { address, metrics, clock, onChange, local, shape, whenDown } = options;
  const scripts = [LIMIT_SCRIPT];
  const link = await StoreLink.open({ address, scripts, metrics, clock, onChange });
  const { prefix } = address;
  const limiter = new StoreLimiter({ link, local, shape, prefix, whenDown, clock });
  return { limiter, close: () => link.close() };
}
