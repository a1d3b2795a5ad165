// The counter race: several threads (counter-thread.ts) add to one number in shared memory at the same
// time, in one of two forms. Used by the counter experiment.

import { assert } from "../base/assert.ts";
import { startThread, type Thread } from "../base/threads.ts";
import type { CounterForm, CounterTask, RaceWords } from "./counter-thread.ts";
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
  const words = createRaceWords(additions);
  const task: CounterTask = { words, form, threadCount, additionsPerThread };
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
  const counted = words.counter[0]!;
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

/** All additions fit into one word, so that only the race can lose any. */
const ADDITIONS_MAX = 2 ** 31 - 1;
/** Each word has cache lines of its own: a thread that waits for the start never slows down one that counts. */
const WORD_DISTANCE_BYTES = 128;

function createRaceWords(additions: number): RaceWords {
  assert(additions <= ADDITIONS_MAX, "the additions fit into one word");
  const memory = new SharedArrayBuffer(3 * WORD_DISTANCE_BYTES);
  const wordAt = (index: number) => new Int32Array(memory, index * WORD_DISTANCE_BYTES, 1);
  return { counter: wordAt(0), ready: wordAt(1), start: wordAt(2) };
}
