// Where the log is written to, one write at a time: what log-output.ts asks of it, and the two kinds
// of standard output. A file of the log's own is in log-file.ts.

import { write } from "node:fs";
import type { Writable } from "node:stream";

export interface LogSink {
  /** For a person: `the file "/var/log/weir.log"`. */
  readonly name: string;
  /** Whether writing may work again after it has failed. */
  readonly canRecover: boolean;
  /** Writes at least the first of `bytes` and tells how many; rejects when none can be written now. */
  write(bytes: Buffer): Promise<number>;
  /** Begins anew under the same name; rejects, and goes on as it was, when that cannot be. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Standard output that is a terminal or a pipe: its reader may be slow, or leave. */
export class LogStream implements LogSink {
  readonly name = "standard output";
  readonly canRecover = false;
  private readonly stream: Writable;
  /** Without a listener the error would end the process; it is told by the write itself. */
  private readonly ignoreError = () => {};

  constructor(stream: Writable) {
    this.stream = stream;
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

  /** A stream has no other name than itself. */
  async reopen(): Promise<void> {}

  /** Others may still write to it: it is not ended. */
  async close(): Promise<void> {
    this.stream.off("error", this.ignoreError);
  }
}

/**
 * Standard output that is a file. Not by Node's stream, which writes to files while everything else
 * waits, and takes a full disk for the end.
 */
export class LogDescriptor implements LogSink {
  readonly name = "standard output";
  readonly canRecover = true;
  private readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
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

  /** Whoever opened it knows its name; we do not. */
  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
