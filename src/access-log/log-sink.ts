// Where lines are written to, one write at a time: what log-output.ts asks of it, and the forms that a
// standard stream has. Which of them it is, standard-sink.ts finds out; a file of the log's own is in
// log-file.ts. No write here holds the thread up, and no failure leaves but through `write`.

import { close, write } from "node:fs";
import type { Writable } from "node:stream";

/**
 * What a write that failed means for the next one. busy: the reader is slow, there will be room soon.
 * troubled: it may work again after a while, as on a disk that is full. gone: it will never.
 */
export type WriteTrouble = "busy" | "troubled" | "gone";

export interface LogSink {
  /** For a person: `the file "/var/log/weir.log"`. */
  readonly name: string;
  /** Writes at least the first of `bytes` and tells how many; rejects when none can be written now. */
  write(bytes: Buffer): Promise<number>;
  /** @param error with which `write` has rejected */
  judge(error: NodeJS.ErrnoException): WriteTrouble;
  /** Begins a new file under the same name; rejects, and goes on as it was, when that cannot be. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A pipe or a socket: its reader may be slow, or leave. */
export class LogStream implements LogSink {
  readonly name: string;
  private readonly stream: Writable;
  /** Without a listener the error would end the process; it is told by the write itself. */
  private readonly ignoreError = () => {};

  constructor(stream: Writable, name: string) {
    this.stream = stream;
    this.name = name;
    stream.on("error", this.ignoreError);
  }

  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.stream.write(bytes, (error) => {
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
  }

  /** Node ends a stream with its first error. */
  judge(): WriteTrouble {
    return "gone";
  }

  /** A stream has no other name than itself. */
  reopen(): Promise<void> {
    return Promise.resolve();
  }

  /** Others may still write to it: it is not ended. */
  close(): Promise<void> {
    this.stream.off("error", this.ignoreError);
    return Promise.resolve();
  }
}

/** What can be told only by the kind of thing behind a descriptor. */
export interface DescriptorOptions {
  readonly name: string;
  /** A terminal that has been closed says EIO to every write; a disk may recover from it. */
  readonly isTerminal: boolean;
  /** Whether the descriptor is ours, and closed with the sink. */
  readonly isOwn: boolean;
}

/**
 * A file, a device or a terminal. Not by Node's stream, which writes to these while everything else
 * waits, and takes a full disk for the end.
 */
export class LogDescriptor implements LogSink {
  readonly name: string;
  private readonly descriptor: number;
  private readonly options: DescriptorOptions;

  constructor(descriptor: number, options: DescriptorOptions) {
    this.descriptor = descriptor;
    this.options = options;
    this.name = options.name;
  }

  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.descriptor, bytes, 0, bytes.length, null, (error, bytesWritten) => {
        if (error !== null) reject(error);
        else if (bytesWritten === 0) reject(new Error("the system takes no more"));
        else resolve(bytesWritten);
      });
    });
  }

  judge({ code }: NodeJS.ErrnoException): WriteTrouble {
    if (code === "EAGAIN") return "busy";
    // EBADF: it was opened for reading, or it has been closed.
    if (this.options.isTerminal || code === "EBADF" || code === "EPIPE") return "gone";
    return "troubled";
  }

  /** The one who opened it knows its name; we do not. */
  reopen(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (!this.options.isOwn) return;
    await new Promise<void>((resolve) => close(this.descriptor, () => resolve()));
  }
}
