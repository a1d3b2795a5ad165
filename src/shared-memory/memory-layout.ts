// Every field that the threads share: where it lies, how wide it is, who writes it. No other file knows
// an offset: each field has a name here, and a field of a slot or of a thread has a function that says
// where it lies (test/rules/memory-offsets.test.ts holds this). The main thread makes the memory
// (`createSharedMemory`) and hands the same object to each server thread in its workerData.
//
// There are six blocks. Each is a SharedArrayBuffer of its own, because the kernel gives zeroed
// pages only as they are touched: a table of a million slots costs nothing until clients come.
//
//   control   Int32 words, one each: the CONTROL_… indices and the words by thread below
//   tickets   Int32, one for each waiting request: the queue of --concurrency (limit/concurrency-gate.ts)
//   hits      a shared table (shared-table.ts), then journal, then name bytes
//   limiter   a shared table; one slot for each client
//   quota     a shared table; one slot for each client with open connections (limit/connection-quota.ts)
//   metrics   Float64, one row for each server thread (metrics-layout.ts)
//
// A slot is named by its first payload word. A "word" is an index into the table's Int32 view, an
// "index" one into its Float64 or BigInt64 view.

import { assert } from "../base/assert.ts";
import { metricsBytes } from "./metrics-layout.ts";
import { type TableShape, tableBytes } from "./shared-table.ts";

/** The gate's lock (shared-lock.ts): the three kinds of counts below are written under it only. */
export const CONTROL_GATE_LOCK = 0;
/** Tickets drawn so far, modulo 2^32. */
export const CONTROL_TICKETS_DRAWN = 1;
/** Tickets of dead threads that were passed over so far, modulo 2^32. */
export const CONTROL_TICKETS_SKIPPED = 2;
/** Files that have a slot, that is: entries of the journal that are taken (Atomics.add). */
export const CONTROL_HIT_FILES = 3;
/** Bytes of the name area that are taken (Atomics.add; may pass the end, then the area is full). */
export const CONTROL_HIT_NAME_BYTES = 4;
/** Hits that found no room in the table. The main thread warns about them. */
export const CONTROL_HITS_WITHOUT_ROOM = 5;
/** Slots of the limiter's table that hold a client; they are never emptied (Atomics.add). */
export const CONTROL_LIMITER_CLIENTS = 6;
/**
 * The list of files whose count has changed: the slot that was put in last, 0 when the list is empty
 * (hits/hit-counter.ts). Server threads put one slot in front, the main thread takes the whole list.
 */
export const CONTROL_CHANGED_HITS = 7;
/** More threads than cores gain nothing; 256 leaves room for the largest machines. */
export const THREADS_MAX = 256;

// Words by thread (its index, 0 for the main thread), behind the single words above.
const GRANTED_WORDS = 16;
const LEFT_WORDS = GRANTED_WORDS + THREADS_MAX + 1;
const BEATS_WORDS = LEFT_WORDS + THREADS_MAX + 1;
const CONTROL_WORDS = BEATS_WORDS + THREADS_MAX + 1;
assert(CONTROL_CHANGED_HITS < GRANTED_WORDS, "the single words lie before those by thread");

/** Control word: tickets granted to a thread so far, modulo 2^32; its waiters sleep on it. */
export function grantedWord(threadIndex: number): number {
  return GRANTED_WORDS + threadIndex;
}

/** Control word: requests of a thread that have left the gate so far, modulo 2^32. */
export function leftWord(threadIndex: number): number {
  return LEFT_WORDS + threadIndex;
}

/** Control word: turns of a timer, written by its own thread. A thread whose beats stop hangs. */
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

/** Eight bits for each file that can be counted: at most one in eight of the other paths meets a bit. */
function hitFilterBytes(hitFilesMax: number): number {
  return Math.max(4, 2 ** Math.ceil(Math.log2(hitFilesMax)));
}

// A hit slot, in words after the key (shared-table.ts). 64-bit fields start at even words.
const HIT_COUNT_WORD = 0;
const HIT_BASE_WORD = 2;
const HIT_NAME_OFFSET_WORD = 4;
const HIT_NAME_LENGTH_WORD = 5;
const HIT_LISTED_BY_WORD = 6;
const HIT_NEXT_CHANGED_WORD = 7;
const HIT_WORDS = 8;
assert(HIT_COUNT_WORD % 2 === 0 && HIT_BASE_WORD % 2 === 0, "64-bit fields lie on their boundary");

/** Int64: hits counted by this process, ever growing. Server threads: Atomics.add. */
export function hitCountIndex(slot: number): number {
  return (slot + HIT_COUNT_WORD) >> 1;
}

/** Int64: hits of earlier runs and of other servers. Main thread only. */
export function hitBaseIndex(slot: number): number {
  return (slot + HIT_BASE_WORD) >> 1;
}

/** Int32: where the name lies in the name area, written once, before the journal entry. */
export function hitNameOffsetWord(slot: number): number {
  return slot + HIT_NAME_OFFSET_WORD;
}

/** Int32: bytes of the name, written together with its offset. */
export function hitNameLengthWord(slot: number): number {
  return slot + HIT_NAME_LENGTH_WORD;
}

/**
 * Int32: which thread has listed the slot as changed, its index + 1; 0 when no thread has. A server
 * thread writes it where it is 0 (Atomics.compareExchange), the main thread sets it back to 0.
 */
export function hitListedByWord(slot: number): number {
  return slot + HIT_LISTED_BY_WORD;
}

/** Int32: the next slot in the list of changed files, 0 at its end. Written by the thread that lists it. */
export function hitNextChangedWord(slot: number): number {
  return slot + HIT_NEXT_CHANGED_WORD;
}

// A limiter slot, in words after the key; written only under the lock of its set.
const CLIENT_SEEN_WORD = 0;
const CLIENT_CELL_WORD = 2;
const CLIENT_USED_WORD = 3;
const CLIENT_TIMES_WORD = 4;
assert(CLIENT_SEEN_WORD % 2 === 0 && CLIENT_TIMES_WORD % 2 === 0, "64-bit fields lie on theirs");

/** Float64: monotonic ms of the client's latest request, admitted or not. */
export function clientSeenIndex(slot: number): number {
  return (slot + CLIENT_SEEN_WORD) >> 1;
}

/** Int32: the window cell in use (limit/sliding-window.ts). */
export function clientCellWord(slot: number): number {
  return slot + CLIENT_CELL_WORD;
}

/** Int32: admissions in that cell. */
export function clientUsedWord(slot: number): number {
  return slot + CLIENT_USED_WORD;
}

/** Float64 for each cell: monotonic ms of the latest admission in it; -Infinity when there was none. */
export function clientTimeIndex(slot: number, cell: number): number {
  return ((slot + CLIENT_TIMES_WORD) >> 1) + cell;
}

/** Clients in the limiter table when a slot is small; large windows get as many as fit in the bytes. */
const LIMITER_CLIENTS_MAX = 1 << 20;
const LIMITER_BYTES_MAX = 128 * 1024 * 1024;

/** Clients with open connections at once; more than a process has descriptors for on most systems. */
const QUOTA_CLIENTS_MAX = 1 << 17;

/** The shape of the table of open connections: one Int32 for each thread (quotaWord). */
export function quotaTableShape(threadCount: number): TableShape {
  return { slotCount: QUOTA_CLIENTS_MAX, payloadWords: Math.ceil(threadCount / 2) * 2 };
}

/**
 * Int32: open connections of a client in one server thread (index 1 and up). Only that thread writes
 * it, and the main thread once that thread is dead: so a dead thread's connections can be taken off.
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
  /** One bit for each path that has a slot, at the place of a hash of it: PathFilter in hits/hit-counter.ts. */
  readonly hitFilter: SharedArrayBuffer;
  readonly limiterTable: SharedArrayBuffer;
  readonly limiterShape: TableShape;
  readonly quotaTable: SharedArrayBuffer;
  readonly quotaShape: TableShape;
  readonly metrics: SharedArrayBuffer;
  /** 32 random bytes: keys are hashed with it, so that no client can choose colliding ones. */
  readonly hashSecret: Uint8Array;
}

/** The shape of the table that holds one slot for each counted file. */
export function hitTableShape(filesMax: number): TableShape {
  // Twice as many slots as files: sets overflow into their neighbours, and half-full sets keep
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
  /** Server threads; 1 when left out. */
  readonly threadCount?: number;
  /** Window cells of the limiter; 0 when no limit is on. */
  readonly cellCount: number;
  /** For tests that want to fill a table; the constants above otherwise. */
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
