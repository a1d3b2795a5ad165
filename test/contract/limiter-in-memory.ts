// The limiter in shared memory as a subject of limiter-contract.ts, and as what the one in a store is held
// against.

import { randomBytes } from "node:crypto";
import { SharedLimiter } from "../../src/limit/limiter.ts";
import { CELLS_MAX, windowShape } from "../../src/limit/sliding-window.ts";
import { createSharedMemory, limiterTableShape } from "../../src/memory/memory-layout.ts";
import { hashKey } from "../../src/memory/shared-table.ts";
import type { LimiterSubject } from "./limiter-contract.ts";

const CLIENT_SLOTS = 64;
/** Keys of clients are hashed with it. */
export const SECRET = randomBytes(32);

export interface Limit {
  readonly count: number;
  readonly windowMs: number;
}

/** Empty windows, in memory of their own. */
export function newWindows({ count, windowMs }: Limit): SharedLimiter {
  const shape = windowShape(count, windowMs);
  const { payloadWords } = limiterTableShape(shape.cellCount);
  const memory = createSharedMemory({
    hashSecret: SECRET,
    cellCount: shape.cellCount,
    hitFilesMax: 8,
    limiterShape: { slotCount: CLIENT_SLOTS, payloadWords },
  });
  return new SharedLimiter(memory, shape, 1);
}

export const inMemory: LimiterSubject = {
  name: "shared memory",
  start(limit) {
    const limiter = newWindows(limit);
    return { admit: (_, client, nowMs) => limiter.admit(hashKey(SECRET, client), nowMs) };
  },
  shareMissingMax: () => 1 / CELLS_MAX,
  lateMs: () => 0,
};
