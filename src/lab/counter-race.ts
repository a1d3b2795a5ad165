// The counter race: several threads (counter-thread.ts) add to one number in shared memory at the same
// time, in one of two forms. Used by the counter experiment.
//
// The shared memory holds one word to count in and two for the start. They lie in different cache lines,
// so that a thread that waits for the start does not slow down one that counts.

import { assert } from "../base/assert.ts";
import { startThread, type Thread } from "../base/threads.ts";
import type { CounterRun } from "./result.ts";

export interface RaceOptions {
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
  readonly signal: AbortSignal;
}

/** Rejects when a thread fails, and when the signal is aborted. */
export async function runCounterRace(options: RaceOptions): Promise<CounterRun> {
  const { form, threadCount, additionsPerThread, signal } = options;
  signal.throwIfAborted();
  const additions = threadCount * additionsPerThread;
  const memory = createCounterMemory(additions);
  const task: CounterTask = { memory, form, threadCount, additionsPerThread };
  const counters = Array.from({ length: threadCount }, (_, index) => startCounter(task, index));
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    await Promise.race([Promise.all(counters.map(({ done }) => done)), stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    // A thread that failed leaves the others asleep at the start.
    await Promise.all(counters.map(({ thread }) => thread.terminate()));
  }
  const counted = new Int32Array(memory)[COUNTER_WORD]!;
  return { form, threads: threadCount, additions, counted, lost: additions - counted };
}

interface Counter {
  readonly thread: Thread<never>;
  /** Rejects when the thread ends before it has counted. */
  readonly done: Promise<void>;
}

function startCounter(data: CounterTask, index: number): Counter {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const thread = startThread<CounterTask, never, number>({
    source: new URL("./counter-thread.ts", import.meta.url),
    name: `weir counter ${index + 1}`,
    data,
    onMessage: () => resolve(),
    onEnd: (reason) => {
      reject(new Error(`a counter thread ended: ${reason.message}`, { cause: reason }));
    },
  });
  return { thread, done };
}

export const COUNTER_WORD = 0;
/** How many threads are ready to start (Atomics.add). */
export const READY_WORD = 32;
/** 0 until all threads are ready, then 1; the threads sleep on it (Atomics.wait). */
export const START_WORD = 64;
const WORD_COUNT = 96;

/** All additions fit into one word, so that only the race can lose any. */
const ADDITIONS_MAX = 2 ** 31 - 1;

export type CounterForm = "plain read and write" | "Atomics.add";

/** What a thread is started with. */
export interface CounterTask {
  readonly memory: SharedArrayBuffer;
  readonly form: CounterForm;
  readonly threadCount: number;
  readonly additionsPerThread: number;
}

function createCounterMemory(additions: number): SharedArrayBuffer {
  assert(additions <= ADDITIONS_MAX, "the additions fit into one word");
  return new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT);
}
