// What gate.test.ts and its threads share beside the gate itself: the words in which the threads write
// down what they see, and the orders that they get.

import type { SharedMemory } from "../../src/memory/memory-layout.ts";

export interface GateThreadData {
  readonly memory: SharedMemory;
  readonly concurrency: number;
  /** 1 to 4. */
  readonly threadIndex: number;
  readonly role: "hammer" | "queue";
  /** Int32 words, one each: the …_WORD below. */
  readonly notes: SharedArrayBuffer;
}

/** Requests inside at this moment: 8 bits for each thread, so that one operation changes and reads it. */
export const INSIDE_WORD = 0;
/** The most that were ever inside. */
export const INSIDE_MAX_WORD = 1;
/** 1: the hammering threads come to their end. */
export const STOP_WORD = 2;
/** How many requests have started, in role `queue`; their numbers follow from LOG_WORD on. */
export const STARTED_WORD = 3;
/** Requests that a hammering thread has finished, one word a thread, by its index. */
export const FINISHED_BY_THREAD_WORD = 4;
export const LOG_WORD = 16;

export type GateOrder =
  | { readonly kind: "enter"; readonly request: number; readonly leavesAtOnce: boolean }
  | { readonly kind: "leave" };
