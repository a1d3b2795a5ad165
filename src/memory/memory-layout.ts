// Every field that the threads share: where it lies, how wide it is, and which thread writes it. No other
// file knows a number of this layout. The fields of a slot are constants here, and the words of a thread
// are functions (test/rules/memory-offsets.test.ts holds this). The main thread creates the memory
// (`createSharedMemory`) and hands the same object to each server thread in its workerData.
//
// Each block is a SharedArrayBuffer of its own, because the kernel provides zeroed pages only as they are
// touched: a table of a million slots costs nothing until clients come.
//
//   control   Int32 words, one each: the CONTROL_… indices and the words by thread below
//   tickets   Int32, one for each waiting request: the queue of --concurrency (limit/gate.ts)
//   hits      a shared table (shared-table.ts), with a journal, the bytes of the names and a filter
//   limiter   a shared table with one slot for each client
//   quota     a shared table with one slot for each client that has open connections (clients/quota.ts)
//   metrics   Float64, one row for each server thread (metrics-layout.ts)
//
// A slot is named by the index of its first payload word. To read a field, a caller adds the field's
// constant to the slot. That gives an index into the table's Int32 view; for a field of 64 bits, half of
// it is the index into the Float64 or BigInt64 view:
//
//   words[slot + CLIENT_CELL_WORD]      longs[(slot + HIT_COUNT_WORD) >> 1]

import { assert } from "../base/assert.ts";
import { metricsBytes } from "./metrics-layout.ts";
import { type TableShape, tableBytes } from "./shared-table.ts";

/** The gate's lock (shared-table.ts). The counts of tickets, grants and departures are written only under it. */
export const CONTROL_GATE_LOCK = 0;
/** Tickets drawn so far, modulo 2^32. */
export const CONTROL_TICKETS_DRAWN = 1;
/** Tickets of dead threads that the gate has passed over so far, modulo 2^32. */
export const CONTROL_TICKETS_SKIPPED = 2;
/** Files that have a slot, which is the number of journal entries that are taken (Atomics.add). */
export const CONTROL_HIT_FILES = 3;
/** Bytes of the name area that are taken (Atomics.add). It may pass the end; then the area is full. */
export const CONTROL_HIT_NAME_BYTES = 4;
/** Hits that found no room in the table. The main thread warns about them. */
export const CONTROL_HITS_WITHOUT_ROOM = 5;
/** Slots of the limiter's table that hold a client (Atomics.add). They are never emptied. */
export const CONTROL_LIMITER_CLIENTS = 6;
/**
 * The list of files whose count has changed: the slot that was added last, or 0 when the list is empty
 * (hits/change-list.ts). Server threads put a slot in front, and the main thread takes the whole list.
 */
export const CONTROL_CHANGED_HITS = 7;
/** More threads than cores gain nothing. 256 leaves room for the largest machines. */
export const THREADS_MAX = 256;

// Words by thread follow the single words above. The index of the main thread is 0.
const GRANTED_WORDS = 16;
const LEFT_WORDS = GRANTED_WORDS + THREADS_MAX + 1;
const BEATS_WORDS = LEFT_WORDS + THREADS_MAX + 1;
const CONTROL_WORDS = BEATS_WORDS + THREADS_MAX + 1;
assert(CONTROL_CHANGED_HITS < GRANTED_WORDS, "the single words lie before those by thread");

/** Control word: tickets granted to a thread so far, modulo 2^32. Its waiting requests sleep on it. */
export function grantedWord(threadIndex: number): number {
  return GRANTED_WORDS + threadIndex;
}

/** Control word: requests of a thread that have left the gate so far, modulo 2^32. */
export function leftWord(threadIndex: number): number {
  return LEFT_WORDS + threadIndex;
}

/** Control word: turns of a timer, written by the thread itself. A thread whose beats stop hangs. */
export function beatsWord(threadIndex: number): number {
  return BEATS_WORDS + threadIndex;
}

/**
 * Places in the ticket queue. More requests than connections can never wait, and the descriptor
 * limit of a process (1,048,576 on most systems) bounds those.
 */
export const TICKETS_MAX = 1 << 20;

/** Files that can be counted: 2^20, as many as the largest trees that people serve. */
export const HIT_FILES_MAX = 1 << 20;
/** Room for the names of those files: 64 bytes each on average. */
export const HIT_NAME_BYTES_MAX = HIT_FILES_MAX * 64;

/** Eight bits for each file that can be counted, so at most one in eight of the other paths finds its bit set. */
function hitFilterBytes(hitFilesMax: number): number {
  return Math.max(4, 2 ** Math.ceil(Math.log2(hitFilesMax)));
}

// A slot of the table of hits. Fields of 64 bits begin at even words.

/** Int64: hits that this process has counted; it only grows. Server threads write it (Atomics.add). */
export const HIT_COUNT_WORD = 0;
/** Int64: hits of earlier runs and of other servers. Only the main thread writes it. */
export const HIT_BASE_WORD = 2;
/** Int32: where the name lies in the name area. It is written once, before the journal entry. */
export const HIT_NAME_OFFSET_WORD = 4;
/** Int32: bytes of the name, written together with its offset. */
export const HIT_NAME_LENGTH_WORD = 5;
/**
 * Int32: the thread that has listed the slot as changed, as its index + 1; 0 when no thread has. A server
 * thread writes it where it is 0 (Atomics.compareExchange), and the main thread sets it back to 0.
 */
export const HIT_LISTED_BY_WORD = 6;
/** Int32: the next slot in the list of changed files, 0 at its end. The thread that lists the slot writes it. */
export const HIT_NEXT_CHANGED_WORD = 7;
const HIT_WORDS = 8;
assert(HIT_COUNT_WORD % 2 === 0 && HIT_BASE_WORD % 2 === 0, "64-bit fields lie on their boundary");

// A slot of the limiter's table. It is written only under the lock of its set.

/** Float64: the time of the client's latest request, admitted or not, in monotonic ms. */
export const CLIENT_SEEN_WORD = 0;
/** Int32: the window cell in use (limit/window.ts). */
export const CLIENT_CELL_WORD = 2;
/** Int32: admissions in that cell. */
export const CLIENT_USED_WORD = 3;
/** Float64 for each cell: the time of its latest admission in monotonic ms, or -Infinity without one. */
export const CLIENT_TIMES_WORD = 4;
assert(CLIENT_SEEN_WORD % 2 === 0 && CLIENT_TIMES_WORD % 2 === 0, "64-bit fields lie on theirs");

/** Clients in the limiter's table when a slot is small. With larger slots it holds as many as fit in the bytes. */
const LIMITER_CLIENTS_MAX = 1 << 20;
const LIMITER_BYTES_MAX = 128 * 1024 * 1024;

/** Clients that have connections open at once. On most systems a process has fewer descriptors. */
const QUOTA_CLIENTS_MAX = 1 << 17;

/** The shape of the table of open connections: each slot has one Int32 for each thread (quotaWord). */
export function quotaTableShape(threadCount: number): TableShape {
  return { slotCount: QUOTA_CLIENTS_MAX, payloadWords: Math.ceil(threadCount / 2) * 2 };
}

/**
 * Int32: open connections of a client in one server thread (index 1 and up). Only that thread writes it,
 * and the main thread once that thread has died. So a dead thread's connections can be taken off.
 */
export function quotaWord(slot: number, threadIndex: number): number {
  return slot + threadIndex - 1;
}

export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly tickets: SharedArrayBuffer;
  readonly hitTable: SharedArrayBuffer;
  readonly hitShape: TableShape;
  readonly hitJournal: SharedArrayBuffer;
  readonly hitNames: SharedArrayBuffer;
  /** One bit for each path that has a slot, at the place that a hash of it names: PathFilter in hits/counter.ts. */
  readonly hitFilter: SharedArrayBuffer;
  readonly limiterTable: SharedArrayBuffer;
  readonly limiterShape: TableShape;
  readonly quotaTable: SharedArrayBuffer;
  readonly quotaShape: TableShape;
  readonly metrics: SharedArrayBuffer;
  /** 32 random bytes. Keys are hashed with them, so that no client can choose keys that collide. */
  readonly hashSecret: Uint8Array;
}

/** The shape of the table that holds one slot for each counted file. */
export function hitTableShape(filesMax: number): TableShape {
  // Twice as many slots as files: a full set overflows into its neighbours, and half-empty sets keep
  // that rare.
  return { slotCount: filesMax * 2, payloadWords: HIT_WORDS };
}

/**
 * The shape of the limiter's table: one slot for each client, each with `cellCount` window cells.
 * With 5/s that is 1,048,576 clients; with 64 cells or more, 131,072.
 */
export function limiterTableShape(cellCount: number): TableShape {
  const payloadWords = CLIENT_TIMES_WORD + cellCount * 2;
  let slotCount = LIMITER_CLIENTS_MAX;
  while (tableBytes({ slotCount, payloadWords }) > LIMITER_BYTES_MAX) slotCount /= 2;
  return { slotCount, payloadWords };
}

export interface MemoryOptions {
  readonly hashSecret: Uint8Array;
  /** The number of server threads; 1 by default. */
  readonly threadCount?: number;
  /** Window cells of a client in the limiter; 0 without a limit. */
  readonly cellCount: number;
  /** For tests that fill a table. The default is the constants above. */
  readonly hitFilesMax?: number;
  readonly limiterShape?: TableShape;
}

/** All shared memory of one server, zeroed. */
export function createSharedMemory(options: MemoryOptions): SharedMemory {
  assert(options.hashSecret.length === 32, "the hash secret has 32 bytes");
  const hitFilesMax = options.hitFilesMax ?? HIT_FILES_MAX;
  const hitShape = hitTableShape(hitFilesMax);
  const limiterShape = options.limiterShape ?? limiterTableShape(Math.max(1, options.cellCount));
  const quotaShape = quotaTableShape(options.threadCount ?? 1);
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    tickets: new SharedArrayBuffer(TICKETS_MAX * 4),
    hitTable: new SharedArrayBuffer(tableBytes(hitShape)),
    hitShape,
    hitJournal: new SharedArrayBuffer(hitFilesMax * 4),
    hitFilter: new SharedArrayBuffer(hitFilterBytes(hitFilesMax)),
    hitNames: new SharedArrayBuffer(hitFilesMax * (HIT_NAME_BYTES_MAX / HIT_FILES_MAX)),
    limiterTable: new SharedArrayBuffer(tableBytes(limiterShape)),
    limiterShape,
    quotaTable: new SharedArrayBuffer(tableBytes(quotaShape)),
    quotaShape,
    metrics: new SharedArrayBuffer(metricsBytes(options.threadCount ?? 1)),
    hashSecret: options.hashSecret,
  };
}
