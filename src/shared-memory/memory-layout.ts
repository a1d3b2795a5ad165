// Every field that the threads share: where it lies, how wide it is, who writes it. Nothing else in
// the program knows an offset. The main thread makes the memory (`createSharedMemory`) and hands the
// same object to each server thread in its workerData.
//
// There are six blocks. Each is a SharedArrayBuffer of its own, because the kernel gives zeroed
// pages only as they are touched: a table of a million slots costs nothing until clients come.
//
//   control   Int32 words, one each: the CONTROL_… indices below
//   tickets   Int32, one a waiting request: the queue of --concurrency (limit/concurrency-gate.ts)
//   hits      a shared table (shared-table.ts), then journal, then name bytes
//   limiter   a shared table; one slot a client
//   quota     a shared table; one slot a client with open connections (limit/connection-quota.ts)
//   metrics   Float64, one row a server thread (metrics-layout.ts)

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
/** More threads than cores gain nothing; 256 leaves room for the largest machines. */
export const THREADS_MAX = 256;
/** Tickets granted so far, modulo 2^32, one word a thread (by its index); its waiters sleep on it. */
export const CONTROL_GRANTED_BY_THREAD = 16;
/** Requests that have left the gate so far, modulo 2^32, one word a thread. */
export const CONTROL_LEFT_BY_THREAD = CONTROL_GRANTED_BY_THREAD + THREADS_MAX + 1;
/** Turns of a timer, one word a thread, written by its own thread: one that stands still hangs. */
export const CONTROL_BEATS_BY_THREAD = CONTROL_LEFT_BY_THREAD + THREADS_MAX + 1;
const CONTROL_WORDS = CONTROL_BEATS_BY_THREAD + THREADS_MAX + 1;

/**
 * Places in the ticket queue. More requests than connections can never wait, and the descriptor
 * limit of a process (1,048,576 on most systems) bounds those.
 */
export const TICKETS_MAX = 1 << 20;

/** Files that can be counted: 2^20, as many as the largest trees that people serve. */
export const HIT_FILES_MAX = 1 << 20;
/** Room for the names of those files: 64 bytes each on average. */
export const HIT_NAME_BYTES_MAX = HIT_FILES_MAX * 64;

/** Eight bits for each file that can be counted: of the others one in eight meets a bit, at most. */
function hitFilterBytes(hitFilesMax: number): number {
  return Math.max(4, 2 ** Math.ceil(Math.log2(hitFilesMax)));
}

// A hit slot, in words after the key (shared-table.ts). 64-bit fields start at even words.
/** Int64: hits counted by this process, ever growing. Server threads: Atomics.add. */
export const HIT_COUNT_WORD = 0;
/** Int64: hits of earlier runs and of other servers. Main thread only. */
export const HIT_BASE_WORD = 2;
/** Int32 each: where the name lies in the name area, written once, before the journal entry. */
export const HIT_NAME_OFFSET_WORD = 4;
export const HIT_NAME_LENGTH_WORD = 5;
const HIT_WORDS = 6;

// A limiter slot, in words after the key; written only under the lock of its set.
/** Float64: monotonic ms of the client's latest request, admitted or not. */
export const CLIENT_SEEN_WORD = 0;
/** Int32: the window cell in use (limit/sliding-window.ts). */
export const CLIENT_CELL_WORD = 2;
/** Int32: admissions in that cell. */
export const CLIENT_USED_WORD = 3;
/** Float64 a cell: monotonic ms of the latest admission in it; -Infinity when there was none. */
export const CLIENT_TIMES_WORD = 4;

/** Clients in the limiter table when a slot is small; large windows get as many as fit in the bytes. */
const LIMITER_CLIENTS_MAX = 1 << 20;
const LIMITER_BYTES_MAX = 128 * 1024 * 1024;

/** Clients with open connections at once; more than a process has descriptors for on most systems. */
const QUOTA_CLIENTS_MAX = 1 << 17;

/**
 * The shape of the table of open connections: one Int32 a thread, each written by its own thread only
 * (and by the main thread once that thread is dead), so that a dead thread's can be taken off.
 */
export function quotaTableShape(threadCount: number): TableShape {
  return { slotCount: QUOTA_CLIENTS_MAX, payloadWords: Math.ceil(threadCount / 2) * 2 };
}

export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly tickets: SharedArrayBuffer;
  readonly hitTable: SharedArrayBuffer;
  readonly hitShape: TableShape;
  readonly hitJournal: SharedArrayBuffer;
  readonly hitNames: SharedArrayBuffer;
  /** One bit for each path that has a slot, at the place of a hash of it: see path-filter.ts. */
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
