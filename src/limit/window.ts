// The exact sliding window of one client: at most `count` admissions in any period of `windowMs`.
// Pure arithmetic over numbers in the limiter's memory: no lock, no clock, no socket.
//
// A window has cells in a ring. Each cell has room for some admissions, and the room of all cells adds up
// to `count`. Admissions fill the cell in use. When it is full, the next one (the oldest) is taken over,
// if its latest admission was at least a whole window ago. So a whole window lies between the last
// admission of one filling of a cell and the first admission of its next. Any period of that length sees
// at most one filling of each cell, which is at most `count` admissions.
//
// Up to CELLS_MAX admissions each cell holds one, and the window is exact in both directions. For larger
// limits a cell holds several, which share one time, the latest. Then the window still never admits more
// than `count`, and at worst it admits one cell's worth less (under 1.6 % of the limit).

import { assert } from "../base/assert.ts";
import { CLIENT_CELL_WORD, CLIENT_TIMES_WORD, CLIENT_USED_WORD } from "../memory/memory-layout.ts";

export const CELLS_MAX = 64;

export interface WindowShape {
  readonly count: number;
  readonly windowMs: number;
  readonly cellCount: number;
  /** Admissions for which each cell has room. */
  readonly cellRoom: number;
  /** The first so many cells have room for one more: the remainder of the division. */
  readonly largerCells: number;
}

export function windowShape(count: number, windowMs: number): WindowShape {
  assert(count >= 1 && windowMs > 0, "a window admits something in some time");
  const cellCount = Math.min(count, CELLS_MAX);
  const cellRoom = Math.floor(count / cellCount);
  const largerCells = count % cellCount;
  assert(
    cellCount * cellRoom + largerCells === count,
    "the room of all cells adds up to the limit",
  );
  return { count, windowMs, cellCount, cellRoom, largerCells };
}

/** How many admissions fit into one cell. */
export function roomOfCell(shape: WindowShape, cell: number): number {
  return cell < shape.largerCells ? shape.cellRoom + 1 : shape.cellRoom;
}

/** Two views of the memory in which windows lie, as a SharedTable has them. A slot names a window in it. */
export interface WindowMemory {
  readonly words: Int32Array;
  readonly floats: Float64Array;
}

export interface Admission {
  /** "unknown": at the moment nothing can tell whether the request may pass, and so it may not. */
  readonly kind: "admitted" | "refused" | "unknown";
  /** Admissions that are left in the window at this moment. */
  readonly remaining: number;
  /** Time until an admission leaves the window. After a refusal: until the next request is admitted. */
  readonly waitMs: number;
}

/** Clears the window of a client that is new in this slot. */
export function resetWindow(memory: WindowMemory, slot: number, shape: WindowShape): void {
  memory.words[slot + CLIENT_CELL_WORD] = 0;
  memory.words[slot + CLIENT_USED_WORD] = 0;
  const first = (slot + CLIENT_TIMES_WORD) >> 1;
  memory.floats.fill(Number.NEGATIVE_INFINITY, first, first + shape.cellCount);
}

/** Admits or refuses one request at `nowMs` and notes an admission. A refusal changes nothing. */
export function admitInWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): Admission {
  const { words, floats } = memory;
  const { windowMs, cellCount, cellRoom, largerCells } = shape;
  const times = (slot + CLIENT_TIMES_WORD) >> 1;
  let cell = words[slot + CLIENT_CELL_WORD] as number;
  let used = words[slot + CLIENT_USED_WORD] as number;
  const latestMs = floats[times + cell] as number;
  // Two threads may get here in the other order than they read their clocks. With the earlier time the
  // cells would no longer be in the order of their times, and a wait could be longer than the window.
  const atMs = Math.max(nowMs, latestMs);
  const freeBeforeMs = atMs - windowMs;
  if (used > 0 && latestMs <= freeBeforeMs) used = 0;
  let admitted = used < (cell < largerCells ? cellRoom + 1 : cellRoom);
  if (!admitted) {
    const oldest = cell + 1 === cellCount ? 0 : cell + 1;
    if ((floats[times + oldest] as number) <= freeBeforeMs) {
      cell = oldest;
      used = 0;
      admitted = true;
    }
  }
  if (admitted) {
    used++;
    words[slot + CLIENT_CELL_WORD] = cell;
    words[slot + CLIENT_USED_WORD] = used;
    floats[times + cell] = atMs;
  }
  // From the cell in use backwards times fall: the first cell that is free again ends the window.
  let spent = used;
  let oldestBusy = cell;
  for (let back = 1; back < cellCount; back++) {
    const behind = back <= cell ? cell - back : cell - back + cellCount;
    if ((floats[times + behind] as number) <= freeBeforeMs) break;
    spent += behind < largerCells ? cellRoom + 1 : cellRoom;
    oldestBusy = behind;
  }
  const leavesMs = (floats[times + oldestBusy] as number) + windowMs;
  // Large clock values are rounded, which must not make the wait a hair longer than the window.
  const waitMs = Math.min(windowMs, Math.max(0, leavesMs - atMs));
  return { kind: admitted ? "admitted" : "refused", remaining: shape.count - spent, waitMs };
}

/** The content of a window at one moment. */
export interface WindowContent {
  /** Admissions in the window. */
  readonly used: number;
  /** How long ago each busy cell had its latest admission, in ms; the most recent cell first. */
  readonly agesMs: readonly number[];
}

/** Reads a window without changing it. It takes at most CELLS_MAX steps, so a lock may be held meanwhile. */
export function readWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): WindowContent {
  const { words, floats } = memory;
  const cell = words[slot + CLIENT_CELL_WORD] as number;
  const times = (slot + CLIENT_TIMES_WORD) >> 1;
  const agesMs: number[] = [];
  let used = 0;
  for (let back = 0; back < shape.cellCount; back++) {
    const index = (cell - back + shape.cellCount) % shape.cellCount;
    const atMs = floats[times + index] as number;
    if (atMs <= nowMs - shape.windowMs) break;
    used += back === 0 ? (words[slot + CLIENT_USED_WORD] as number) : roomOfCell(shape, index);
    // Another thread may have read the clock later than this one.
    agesMs.push(Math.max(0, nowMs - atMs));
  }
  return { used, agesMs };
}

/** Whether every admission has left the window, so that forgetting the client loses nothing. */
export function isWindowIdle(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): boolean {
  const cell = memory.words[slot + CLIENT_CELL_WORD] as number;
  const times = (slot + CLIENT_TIMES_WORD) >> 1;
  const latestMs = memory.floats[times + cell] as number;
  return latestMs <= nowMs - shape.windowMs;
}

/** Whether a request at `nowMs` would be refused. */
export function isWindowFull(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): boolean {
  const cell = memory.words[slot + CLIENT_CELL_WORD] as number;
  const times = (slot + CLIENT_TIMES_WORD) >> 1;
  if ((memory.words[slot + CLIENT_USED_WORD] as number) < roomOfCell(shape, cell)) return false;
  const oldest = (cell + 1) % shape.cellCount;
  return (memory.floats[times + oldest] as number) > nowMs - shape.windowMs;
}

/** How long a request at `nowMs` would have to wait; 0 when it would be admitted. Changes nothing. */
export function waitInWindow(
  memory: WindowMemory,
  slot: number,
  shape: WindowShape,
  nowMs: number,
): number {
  const { words, floats } = memory;
  const cell = words[slot + CLIENT_CELL_WORD] as number;
  const times = (slot + CLIENT_TIMES_WORD) >> 1;
  const latestMs = floats[times + cell] as number;
  const atMs = Math.max(nowMs, latestMs);
  if (latestMs <= atMs - shape.windowMs) return 0;
  if ((words[slot + CLIENT_USED_WORD] as number) < roomOfCell(shape, cell)) return 0;
  const oldest = cell + 1 === shape.cellCount ? 0 : cell + 1;
  const leavesMs = (floats[times + oldest] as number) + shape.windowMs;
  return Math.min(shape.windowMs, Math.max(0, leavesMs - atMs));
}
