// How far a run is, while it runs: on a terminal one line that is written over itself, elsewhere a line
// for each batch that has ended. It shows failures at once, and the end of the run shows them again (summary.ts).

import type { BatchResult } from "./run-batch.ts";
import type { RunState } from "./run-batches.ts";

/** The terminal, or a substitute in tests. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const ERASE_LINE = "\r\x1b[K";
/** A person reads no more; each write costs time. */
const REDRAW_MS = 100;

export class Progress {
  readonly #output: ProgressOutput;
  readonly #batchCount: number;
  readonly #nowMs: () => number;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(output: ProgressOutput, batchCount: number, nowMs = () => performance.now()) {
    this.#output = output;
    this.#batchCount = batchCount;
    this.#nowMs = nowMs;
  }

  show(state: RunState): void {
    if (!this.#output.isTTY || this.#nowMs() - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = this.#nowMs();
    const line = formatState(state, this.#batchCount);
    this.#output.write(ERASE_LINE + line.slice(0, (this.#output.columns ?? 80) - 1));
  }

  tellEnd(result: BatchResult, state: RunState): void {
    const failures = formatFailures(result);
    if (this.#output.isTTY) {
      this.clear();
      this.#output.write(failures);
      this.#drawnMs = Number.NEGATIVE_INFINITY;
      this.show(state);
      return;
    }
    const { batch, tests, durationMs } = result;
    const mark = failures === "" ? "ok" : "FAILED";
    const place = `${state.endedBatchCount}/${this.#batchCount}`;
    const seconds = (durationMs / 1000).toFixed(1);
    this.#output.write(`${mark} ${place} ${batch.label}: ${tests.length} tests in ${seconds} s\n`);
    this.#output.write(failures);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#output.isTTY) this.#output.write(ERASE_LINE);
  }
}

function formatState(state: RunState, batchCount: number): string {
  const { passedCount, failedCount, endedBatchCount, running } = state;
  const counts = `${endedBatchCount}/${batchCount}, ${passedCount} passed, ${failedCount} failed`;
  return running.length === 0 ? counts : `${counts}: ${running.join(", ")}`;
}

/** The failures of a batch, one paragraph for each; empty when there are none. */
export function formatFailures({ batch, tests, failure }: BatchResult): string {
  const failed = tests
    .filter(({ outcome, isEcho }) => outcome === "failed" && !isEcho)
    .map(({ file, name, reason }) => formatFailure(`${file}: ${name}`, reason));
  const own = failure === undefined ? [] : [formatFailure(batch.label, failure)];
  return [...failed, ...own].join("");
}

function formatFailure(title: string, reason: string): string {
  return `✖ ${title}\n${reason.replace(/^(?=.)/gm, "    ")}\n\n`;
}
