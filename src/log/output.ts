// The end of the log's way, on the main thread: takes the threads' batches and writes them one after
// the other to a file or a stream, without waiting for it. A reader that is too slow, a full disk or a
// closed terminal holds nothing up: what waits is bounded (queue.ts). It knows no threads. The
// lines on standard error take the same way (log/warning.ts).

import { settledWithin } from "../base/clock.ts";
import { LogQueue } from "./queue.ts";
import type { LogSink } from "./sink.ts";

export interface LogOutputOptions {
  readonly sink: LogSink;
  /** Makes the line, with its end, that stands where lines are missing. */
  readonly formatRemark: (droppedLines: number) => string;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  /** For tests; by default WAITING_BYTES_MAX, RETRY_MS and STALL_MS. */
  readonly waitingBytesMax?: number;
  readonly retryMs?: number;
  readonly stallMs?: number;
}

/** Two seconds of the busiest server. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** As much as a pipe holds: more at once would hide whether its reader reads. */
const WRITE_BYTES_MAX = 64 * 1024;
/** Soon enough after there is room again, and no load while there is none. */
const RETRY_MS = 500;
/** A terminal that is only slow: at first at once, as it takes little at a time. */
const BUSY_MS_MIN = 2;
const BUSY_MS_MAX = 100;
/** At the end: what takes nothing for so long will take no more. */
const STALL_MS = 2000;

export class LogOutput {
  readonly #options: LogOutputOptions;
  readonly #queue: LogQueue;
  #writtenBytes = 0;
  #isTroubled = false;
  #isGone = false;
  #isWorking = false;
  #busyMs = BUSY_MS_MIN;
  #work: Promise<void> = Promise.resolve();
  #endPause: () => void = () => {};

  constructor(options: LogOutputOptions) {
    this.#options = options;
    const { formatRemark, waitingBytesMax = WAITING_BYTES_MAX } = options;
    this.#queue = new LogQueue({ formatRemark, waitingBytesMax });
  }

  /** Lines that no log holds, those that the threads dropped among them. Only grows. */
  get droppedLines(): number {
    return this.#queue.droppedLines;
  }

  /**
   * @param lines whole lines in ASCII
   * @param droppedLines how many are missing behind them
   */
  write(lines: string, droppedLines = 0): void {
    this.#queue.add(lines, droppedLines);
    if (this.#isGone) this.#queue.dropAll();
    else this.#beginWork();
  }

  /**
   * What was written before goes to the old file, what comes later to the new one; where the old one
   * takes nothing, all that waits goes to the new one. Resolves when it is open, or could not be.
   */
  reopen(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => {
      this.#queue.addMark(resolve);
      this.#endPause();
      this.#beginWork();
    });
  }

  /**
   * Resolves when all is written, or when no more is taken: what is left is dropped then. "stuck": a
   * write has not returned, and a file thread may hang in the system with it.
   */
  async close(): Promise<"closed" | "stuck"> {
    const { stallMs = STALL_MS, sink, warn } = this.#options;
    this.#queue.addRemark();
    this.#endPause();
    if (!this.#isGone) this.#beginWork();
    for (let before = -1; this.#isWorking && before < this.#writtenBytes; ) {
      before = this.#writtenBytes;
      await settledWithin(this.#work, stallMs);
    }
    this.#isGone = true;
    const leftCount = this.#queue.dropAll();
    if (leftCount > 0) warn(`${leftCount} log lines could not be written to ${sink.name}`);
    this.#endPause();
    await settledWithin(this.#work, stallMs);
    if (this.#isWorking) return "stuck";
    return (await settledWithin(sink.close(), stallMs)) ? "closed" : "stuck";
  }

  #beginWork(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#writeAll();
  }

  /** Until nothing waits. Never rejects. */
  async #writeAll(): Promise<void> {
    for (;;) {
      const done = this.#queue.takeMark(!this.#isTroubled);
      const bytes = this.#queue.next();
      if (done !== undefined) await this.#reopenSink(done);
      else if (bytes !== undefined) await this.#writeSome(bytes.subarray(0, WRITE_BYTES_MAX));
      else break;
    }
    // Before the next turn: whoever adds a line from now on begins anew.
    this.#isWorking = false;
    if (!this.#isTroubled) return;
    this.#isTroubled = false;
    if (!this.#isGone) this.#options.warn(`the log is written to ${this.#options.sink.name} again`);
  }

  async #reopenSink(done: () => void): Promise<void> {
    try {
      await this.#options.sink.reopen();
      this.#queue.dropRestOfLine();
    } catch (error) {
      this.#options.warn(`${(error as Error).message}; the log goes on in the file that is open`);
    }
    done();
  }

  async #writeSome(bytes: Buffer): Promise<void> {
    const { sink } = this.#options;
    try {
      const writtenBytes = await sink.write(bytes);
      this.#writtenBytes += writtenBytes;
      this.#queue.advance(writtenBytes);
      this.#busyMs = BUSY_MS_MIN;
    } catch (error) {
      // While it was tried, all may have been given up.
      if (this.#isGone) return;
      const trouble = sink.judge(error as NodeJS.ErrnoException);
      if (trouble === "busy") await this.#waitForReader();
      else if (trouble === "troubled") await this.#waitForRoom(error as Error);
      else this.#giveUp(error as Error);
    }
  }

  #giveUp(error: Error): void {
    const { sink, warn } = this.#options;
    this.#isGone = true;
    this.#queue.dropAll();
    warn(`cannot write the log to ${sink.name}: ${error.message}; no more lines are written there`);
  }

  async #waitForReader(): Promise<void> {
    await this.#pause(this.#busyMs);
    this.#busyMs = Math.min(2 * this.#busyMs, BUSY_MS_MAX);
  }

  async #waitForRoom(error: Error): Promise<void> {
    const { sink, warn, retryMs = RETRY_MS } = this.#options;
    if (!this.#isTroubled) {
      this.#isTroubled = true;
      warn(
        `cannot write the log to ${sink.name}: ${error.message}; lines wait in memory, as many as there is room for`,
      );
    }
    await this.#pause(retryMs);
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      // What waits to be written does not keep a process that is done; `close` does, for a while.
      const timer = setTimeout(resolve, pauseMs).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
