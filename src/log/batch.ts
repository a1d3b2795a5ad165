// Gathers log lines in a server thread and hands them on in batches, a few times a second: no request
// waits for the log, and none sends a message of its own. Bounded, also where the main thread is held
// up: lines that find no room are counted, and the count goes along with the next batch.

export interface LogBatchOptions {
  /** Takes a batch of whole lines, and how many are missing behind them. */
  readonly send: (lines: string, droppedLines: number) => void;
  /** A batch of so many bytes does not wait for the next flush. */
  readonly fullBytes: number;
  /** Batches that were sent and are not taken yet; while there are so many, none is sent. */
  readonly sentMax: number;
  /** Beyond it lines are dropped. */
  readonly batchBytesMax: number;
}

/**
 * Some 500 lines: few enough messages, and no burst of a busy thread comes near the bound. Of 16 such
 * batches the main thread has all but the last before the next is full, unless something holds it up.
 */
export const LOG_BATCH_OPTIONS = {
  fullBytes: 64 * 1024,
  sentMax: 16,
  batchBytesMax: 1024 * 1024,
};
/** Seen at once by a person, and ten messages a second of a thread that has little to tell. */
export const LOG_FLUSH_INTERVAL_MS = 100;

export class LogBatch {
  readonly #options: LogBatchOptions;
  #lines = "";
  #droppedLines = 0;
  #sentCount = 0;

  constructor(options: LogBatchOptions) {
    this.#options = options;
  }

  /** @param line in ASCII, without its line break */
  add(line: string): void {
    const { fullBytes, batchBytesMax } = this.#options;
    if (this.#lines.length + line.length >= batchBytesMax) {
      this.#droppedLines++;
      return;
    }
    this.#lines += `${line}\n`;
    if (this.#lines.length >= fullBytes) this.flush();
  }

  /** Sends what there is, unless too much is under way already. */
  flush(): void {
    if (this.#sentCount < this.#options.sentMax) this.flushAll();
  }

  /** Sends what there is: the last of a thread, or all that came before a signal. */
  flushAll(): void {
    const lines = this.#lines;
    const droppedLines = this.#droppedLines;
    if (lines === "" && droppedLines === 0) return;
    this.#lines = "";
    this.#droppedLines = 0;
    this.#sentCount++;
    this.#options.send(lines, droppedLines);
  }

  /** The main thread has taken a batch. */
  taken(): void {
    this.#sentCount--;
  }
}
