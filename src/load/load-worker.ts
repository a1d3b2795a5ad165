// How the coordinator of a load run (run.ts) starts its worker threads (load-thread.ts) and talks to
// them.

import { startThread, type Thread } from "../base/threads.ts";
import type { LivePart } from "./live-state.ts";
import type { LoadMessage, LoadThreadData, LoadThreadMessage } from "./load-thread.ts";
import type { TallyData } from "./tally.ts";

/**
 * Starts a thread for each of the tasks. Resolves when all are ready to begin.
 * @throws Error when one cannot be started; the others are then ended, as they are when one dies later
 */
export async function startLoadWorkers(tasks: readonly LoadThreadData[]): Promise<LoadPart[]> {
  const workers = tasks.map(startLoadWorker);
  const threads = workers.map(({ thread }) => thread);
  for (const { finished } of workers) finished.catch(() => endAll(threads));
  try {
    return await Promise.all(workers.map(({ ready }) => ready));
  } catch (error) {
    await endAll(threads);
    throw error;
  }
}

async function endAll(threads: readonly Thread<LoadMessage>[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.terminate()));
}

interface LoadWorker {
  readonly thread: Thread<LoadMessage>;
  /** Both reject when the thread ends before. */
  readonly ready: Promise<LoadPart>;
  readonly finished: Promise<LoadEnd>;
}

function startLoadWorker(data: LoadThreadData): LoadWorker {
  const ready = Promise.withResolvers<LoadPart>();
  const finished = Promise.withResolvers<LoadEnd>();
  let live: LivePart | undefined;
  const thread = startThread<LoadThreadData, LoadMessage, LoadThreadMessage>({
    source: new URL("./load-thread.ts", import.meta.url),
    name: `weir load ${data.job.threadIndex + 1}`,
    data,
    onMessage: (message) => {
      if (message.kind === "ready") ready.resolve(part);
      if (message.kind === "live") live = message.part;
      if (message.kind === "done") finished.resolve(message);
    },
    onEnd: (reason) => {
      const error = new Error(`a load thread ended: ${reason.message}`, { cause: reason });
      ready.reject(error);
      finished.reject(error);
    },
  });
  const part: LoadPart = {
    async run(startMs) {
      thread.tell({ kind: "begin", startMs });
      const end = await finished.promise;
      await thread.terminate();
      return end;
    },
    stop: () => thread.tell({ kind: "stop" }),
    readLive: () => live,
  };
  return { thread, ready: ready.promise, finished: finished.promise };
}

/** One thread's part of a run, in the caller's thread or in another. */
export interface LoadPart {
  /** Both times are of the monotonic clock; `finishedMs` is the moment of the last outcome. */
  run(startMs: number): Promise<LoadEnd>;
  stop(): void;
  /** Undefined until the thread has reported for the first time. */
  readLive(): LivePart | undefined;
}

export interface LoadEnd {
  readonly tally: TallyData;
  readonly finishedMs: number;
}
