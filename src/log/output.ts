// Writes the log on the main thread: takes the threads' batches and writes them one after the other to a file
// or a stream, without waiting for it. A slow reader, a full disk or a closed terminal holds nothing up, and
// what waits is bounded (queue.ts). It knows no threads. Lines for standard error are written by the same
// class (log/warning.ts).

import { settledWithin } from "../base/clock.ts";
import { LogQueue } from "./queue.ts";
import type { LogSink } from "./sink.ts";

export interface LogOutputOptions {
  readonly sink: LogSink;
  /** Makes the line, with its line break, that takes the place of missing lines. */
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
/** As much as a pipe holds: a larger write would hide whether the reader reads. */
const WRITE_BYTES_MAX = 64 * 1024;
/** Soon enough once there is room again, and no load while there is none. */
const RETRY_MS = 500;
/** A terminal that is only slow takes little at a time, so the first wait is short. */
const BUSY_MS_MIN = 2;
const BUSY_MS_MAX = 100;
/** At the end, a log that takes nothing for so long will take no more. */
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

  /** How many lines are in no log, including those that the threads dropped. Only grows. */
  get droppedLines(): number {
    return this.#queue.droppedLines;
  }

  /**
   * @param lines whole lines in ASCII
   * @param droppedLines how many are missing after them
   */
  write(lines: string, droppedLines = 0): void {
    this.#queue.add(lines, droppedLines);
    if (this.#isGone) this.#queue.dropAll();
    else this.#beginWork();
  }

  /**
   * Lines of before go to the old file, later ones to the new file. If the old file takes nothing, all that
   * waits goes to the new one. Resolves when the new file is open, or could not be opened.
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
   * Resolves when everything is written, or when no more is taken and the rest is dropped. "stuck": a write
   * has not returned, and a file thread may hang in the system with it.
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

  /** Writes until nothing waits. Never rejects. */
  async #writeAll(): Promise<void> {
    for (;;) {
      const done = this.#queue.takeMark(!this.#isTroubled);
      const bytes = this.#queue.next();
      if (done !== undefined) await this.#reopenSink(done);
      else if (bytes !== undefined) await this.#writeSome(bytes.subarray(0, WRITE_BYTES_MAX));
      else break;
    }
    // This comes before the next turn: a line that is added from now on starts the work again.
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
      // Everything may have been given up during the write.
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
      // Waiting lines do not keep a process alive that is done; `close` waits for them for a while.
      const timer = setTimeout(resolve, pauseMs).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
