// Gathers log lines in a server thread and hands them on in batches, a few times a second: no request
// waits for the log, and none sends a message of its own. Bounded: lines that find no room are counted
// and the count stands in the log instead.

export interface LogBatchOptions {
  /** Takes a batch of whole lines. */
  readonly send: (lines: string) => void;
  readonly batchBytesMax: number;
}

/** A burst of requests between two flushes; 1 MiB is some 8,000 lines. */
export const LOG_BATCH_BYTES_MAX = 1024 * 1024;
/** Seen at once by a person, and ten messages a second at most. */
export const LOG_FLUSH_INTERVAL_MS = 100;

export class LogBatch {
  private readonly options: LogBatchOptions;
  private lines = "";
  private droppedCount = 0;

  constructor(options: LogBatchOptions) {
    this.options = options;
  }

  add(line: string): void {
    if (this.lines.length + line.length >= this.options.batchBytesMax) this.droppedCount++;
    else this.lines += `${line}\n`;
  }

  flush(): void {
    if (this.droppedCount > 0) {
      this.lines += `# ${this.droppedCount} log lines dropped: too many at once\n`;
      this.droppedCount = 0;
    }
    if (this.lines === "") return;
    const { lines } = this;
    this.lines = "";
    this.options.send(lines);
  }
}
