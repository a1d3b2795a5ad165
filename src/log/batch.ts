// Gathers the log lines of a server thread and hands them on in batches, a few times a second: no request
// waits for the log or sends a message of its own. It is bounded, even while the main thread is held up:
// lines that find no room are counted, and the next batch takes the count along.

export interface LogBatchOptions {
  /** Takes a batch of whole lines, and the number of lines that are missing after them. */
  readonly send: (lines: string, droppedLines: number) => void;
  /** A batch of this size does not wait for the next flush. */
  readonly fullBytes: number;
  /** While so many batches have been sent and not been taken yet, no other is sent. */
  readonly sentMax: number;
  /** Lines that would make a batch larger than this are dropped. */
  readonly batchBytesMax: number;
}

/**
 * A full batch has some 500 lines, so there are few messages, and no burst of a busy thread comes near the
 * bound. The main thread takes each batch before the next is full, unless something holds it up for as
 * long as 16 of them take.
 */
export const LOG_BATCH_OPTIONS = {
  fullBytes: 64 * 1024,
  sentMax: 16,
  batchBytesMax: 1024 * 1024,
};
/** A person sees a line at once, and a thread with few lines sends ten messages a second. */
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

  /** Sends the batch, unless too many are under way already. */
  flush(): void {
    if (this.#sentCount < this.#options.sentMax) this.flushAll();
  }

  /** Sends the batch in any case: the last one of a thread, or the lines of before a signal. */
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
