// Runs batches, several at a time, and keeps the account of all of them for the progress.

import type { Batch } from "./batch.ts";
import { type BatchOptions, type BatchResult, runBatch } from "./run-batch.ts";

export interface RunState {
  readonly passedCount: number;
  readonly failedCount: number;
  readonly endedBatchCount: number;
  /** The labels of the batches that run now. */
  readonly running: readonly string[];
}

export interface RunOptions extends Omit<BatchOptions, "onTest"> {
  readonly processCount: number;
  readonly onChange: (state: RunState) => void;
  readonly onEnd: (result: BatchResult, state: RunState) => void;
}

/** In the order in which they ended. Those that were not started before the stop are left out. */
export async function runBatches(
  batches: readonly Batch[],
  options: RunOptions,
): Promise<BatchResult[]> {
  const waiting = [...batches];
  const running = new Set<string>();
  const results: BatchResult[] = [];
  const counts = { passedCount: 0, failedCount: 0 };
  const state = (): RunState => ({
    ...counts,
    endedBatchCount: results.length,
    running: [...running],
  });
  const runInTurn = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      if (options.stop.aborted) return;
      running.add(batch.label);
      options.onChange(state());
      const result = await runBatch(batch, {
        ...options,
        onTest: ({ outcome }) => {
          if (outcome === "passed") counts.passedCount++;
          if (outcome === "failed") counts.failedCount++;
          options.onChange(state());
        },
      });
      running.delete(batch.label);
      if (result.failure !== undefined) counts.failedCount++;
      results.push(result);
      options.onEnd(result, state());
    }
  };
  await Promise.all(Array.from({ length: options.processCount }, runInTurn));
  return results;
}
