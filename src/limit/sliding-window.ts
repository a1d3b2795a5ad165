// The exact sliding window of one client: at most `count` admissions in any period of `windowMs`.
// Pure arithmetic over numbers in the limiter's memory: no lock, no clock, no socket.
//
// A window has cells in a ring; each cell may hold `grants` admissions, and the grants of all cells
// add up to `count`. Admissions fill the cell in use; when it is full, the next one (the oldest) is
// taken over, if its latest admission is at least a whole window ago. So between the last admission
// of one filling of a cell and the first of its next there is a whole window, and any period of that
// length sees at most one filling of each cell: at most `count` admissions.
//
// Up to CELLS_MAX admissions each cell holds one: the window is exact in both directions. For larger
// limits a cell holds several, which share one time, the latest: it still never admits more, and
// less only by what one cell holds (under 1.6 % of the limit).

import { assert } from "../base/assert.ts";
import { clientCellWord, clientTimeIndex, clientUsedWord } from "../shared-memory/memory-layout.ts";

export const CELLS_MAX = 64;

export interface WindowShape {
  readonly count: number;
  readonly windowMs: number;
  readonly cellCount: number;
}

export function windowShape(count: number, windowMs: number): WindowShape {
  assert(count >= 1 && windowMs > 0, "a window admits something in some time");
  const shape = { count, windowMs, cellCount: Math.min(count, CELLS_MAX) };
  let grantsTotal = 0;
  for (let cell = 0; cell < shape.cellCount; cell++) grantsTotal += grantsOfCell(shape, cell);
  assert(grantsTotal === count, "the cells' grants add up to the limit");
  return shape;
}

/** Admissions that fit into one cell; the remainder of the division goes to the first cells. */
export function grantsOfCell(shape: WindowShape, cell: number): number {
  const grants = Math.floor(shape.count / shape.cellCount);
  return cell < shape.count % shape.cellCount ? grants + 1 : grants;
}

/**
 * Two views of the memory in which windows lie, as a SharedTable has them. A window in it is named by
 * its slot; where a slot's fields lie is known to memory-layout.ts alone.
 */
export interface WindowMemory {
  readonly words: Int32Array;
  readonly floats: Float64Array;
}

/** "unknown": nobody can tell at the moment whether the request may pass, and so it may not. */
export interface Admission {
  readonly kind: "admitted" | "refused" | "unknown";
  /** Admissions left in the window at this moment. */
  readonly remaining: number;
  /** Until an admission leaves the window: after a refusal, until the next one succeeds. */
  readonly waitMs: number;
}

/** Clears a window for a client that was not known. */
export function resetWindow(memory: WindowMemory, slot: number, shape: WindowShape): void {
  memory.words[clientCellWord(slot)] = 0;
  memory.words[clientUsedWord(slot)] = 0;
  const [first, end] = [clientTimeIndex(slot, 0), clientTimeIndex(slot, shape.cellCount)];
  memory.floats.fill(Number.NEGATIVE_INFINITY, first, end);
}

/** Admits or refuses one request at `nowMs` and writes an admission down. A refusal changes nothing. */
export function admitInWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): Admission {
  const { words, floats } = memory;
  let cell = words[clientCellWord(slot)] as number;
  let used = words[clientUsedWord(slot)] as number;
  const latestMs = floats[clientTimeIndex(slot, cell)] as number;
  // Two threads may have read their clocks in the other order than they got here. Taken as it was
  // read, the earlier time would leave cells whose times do not fall backwards, and a wait that is
  // longer than the window.
  const atMs = Math.max(nowMs, latestMs);
  const freeBeforeMs = atMs - shape.windowMs;
  if (used > 0 && latestMs <= freeBeforeMs) used = 0;
  let admitted = used < grantsOfCell(shape, cell);
  if (!admitted) {
    const oldest = cell + 1 === shape.cellCount ? 0 : cell + 1;
    if ((floats[clientTimeIndex(slot, oldest)] as number) <= freeBeforeMs) {
      cell = oldest;
      used = 0;
      admitted = true;
    }
  }
  if (admitted) {
    used++;
    words[clientCellWord(slot)] = cell;
    words[clientUsedWord(slot)] = used;
    floats[clientTimeIndex(slot, cell)] = atMs;
  }
  const busyCells = countBusyCells(floats, slot, shape, cell, freeBeforeMs);
  const remaining = remainingGrants(shape, cell, used, busyCells);
  const oldestBusy = (cell - busyCells + shape.cellCount) % shape.cellCount;
  const leavesMs = (floats[clientTimeIndex(slot, oldestBusy)] as number) + shape.windowMs;
  // Rounding of large clock values must not make a wait of a window and a hair out of a window.
  const waitMs = Math.min(shape.windowMs, Math.max(0, leavesMs - atMs));
  return { kind: admitted ? "admitted" : "refused", remaining, waitMs };
}

/** The content of a window at one moment. */
export interface WindowContent {
  /** Admissions in it. */
  readonly used: number;
  /** How long ago each busy cell had its latest admission, in ms, the latest first. */
  readonly agesMs: readonly number[];
}

/** Reads a window without changing it. At most CELLS_MAX steps, so that it can be done under a lock. */
export function readWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): WindowContent {
  const { words, floats } = memory;
  const cell = words[clientCellWord(slot)] as number;
  const agesMs: number[] = [];
  let used = 0;
  for (let back = 0; back < shape.cellCount; back++) {
    const index = (cell - back + shape.cellCount) % shape.cellCount;
    const atMs = floats[clientTimeIndex(slot, index)] as number;
    if (atMs <= nowMs - shape.windowMs) break;
    used += back === 0 ? (words[clientUsedWord(slot)] as number) : grantsOfCell(shape, index);
    // Another thread's clock may have been read later than ours.
    agesMs.push(Math.max(0, nowMs - atMs));
  }
  return { used, agesMs };
}

/** Whether every admission in the window is over, so that forgetting the client loses nothing. */
export function isWindowIdle(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): boolean {
  const cell = memory.words[clientCellWord(slot)] as number;
  const latestMs = memory.floats[clientTimeIndex(slot, cell)] as number;
  return latestMs <= nowMs - shape.windowMs;
}

/** Whether a request at `nowMs` would be refused. */
export function isWindowFull(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): boolean {
  const cell = memory.words[clientCellWord(slot)] as number;
  if ((memory.words[clientUsedWord(slot)] as number) < grantsOfCell(shape, cell)) return false;
  const oldest = (cell + 1) % shape.cellCount;
  return (memory.floats[clientTimeIndex(slot, oldest)] as number) > nowMs - shape.windowMs;
}

/** How long a request at `nowMs` would have to wait; 0: it would be admitted. Changes nothing. */
export function waitInWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): number {
  const { words, floats } = memory;
  const cell = words[clientCellWord(slot)] as number;
  const latestMs = floats[clientTimeIndex(slot, cell)] as number;
  const atMs = Math.max(nowMs, latestMs);
  if (latestMs <= atMs - shape.windowMs) return 0;
  if ((words[clientUsedWord(slot)] as number) < grantsOfCell(shape, cell)) return 0;
  const oldest = cell + 1 === shape.cellCount ? 0 : cell + 1;
  const leavesMs = (floats[clientTimeIndex(slot, oldest)] as number) + shape.windowMs;
  return Math.min(shape.windowMs, Math.max(0, leavesMs - atMs));
}

/**
 * How many cells behind the one in use still hold admissions of this window. Their times fall from
 * there backwards, so a binary search finds the edge.
 */
function countBusyCells(
  floats: Float64Array,
  slot: number,
  shape: WindowShape,
  cell: number,
  freeBeforeMs: number,
): number {
  let low = 0;
  let high = shape.cellCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const index = (cell - middle + shape.cellCount) % shape.cellCount;
    if ((floats[clientTimeIndex(slot, index)] as number) > freeBeforeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function remainingGrants(
  shape: WindowShape,
  cell: number,
  used: number,
  busyCells: number,
): number {
  let spent = used;
  for (let back = 1; back <= busyCells; back++) {
    spent += grantsOfCell(shape, (cell - back + shape.cellCount) % shape.cellCount);
  }
  return shape.count - spent;
}
