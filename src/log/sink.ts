// Where the lines of a log go: standard output or standard error, whatever they are (a file, a pipe, a
// terminal), or a file of the log's own. No write here holds the thread up.

import { close, constants, fstatSync, openSync, type Stats, write } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";
import { closeQuietly } from "../base/files.ts";
import { OperationError } from "../base/operation-error.ts";

/**
 * What a failed write means for the next one. busy: the reader is slow, and there will be room soon.
 * troubled: it may work again after a while, as on a full disk. gone: it will never work again.
 */
export type WriteTrouble = "busy" | "troubled" | "gone";

export interface LogSink {
  /** As a person reads it: `the file "/var/log/weir.log"`. */
  readonly name: string;
  /** Writes at least the first of `bytes` and returns how many; rejects when none can be written now. */
  write(bytes: Buffer): Promise<number>;
  /** @param error that `write` has rejected with */
  judge(error: NodeJS.ErrnoException): WriteTrouble;
  /** Begins a new file under the same name. If that fails it rejects, and the old file stays in use. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A pipe or a socket: its reader may be slow, or leave. */
export class LogStream implements LogSink {
  readonly name: string;
  readonly #stream: Writable;
  /** Without a listener the error would end the process; the write itself reports it. */
  readonly #ignoreError = () => {};

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.name = name;
    stream.on("error", this.#ignoreError);
  }

  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
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

  /** The stream is not ended, because other parts of the program may still write to it. */
  close(): Promise<void> {
    this.#stream.off("error", this.#ignoreError);
    return Promise.resolve();
  }
}

/** What only the kind of thing behind a descriptor can tell. */
export interface DescriptorOptions {
  readonly name: string;
  /** A terminal that has been closed says EIO to every write; a disk may recover from it. */
  readonly isTerminal: boolean;
  /** Whether the descriptor is ours, so that it is closed with the sink. */
  readonly isOwn: boolean;
}

/**
 * A file, a device or a terminal. Node's own stream is not used: it writes to these while everything else
 * waits, and it takes a full disk for the end.
 */
export class LogDescriptor implements LogSink {
  readonly name: string;
  readonly #descriptor: number;
  readonly #options: DescriptorOptions;

  constructor(descriptor: number, options: DescriptorOptions) {
    this.#descriptor = descriptor;
    this.#options = options;
    this.name = options.name;
  }

  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#descriptor, bytes, 0, bytes.length, null, (error, bytesWritten) => {
        if (error !== null) reject(error);
        else if (bytesWritten === 0) reject(new Error("the system takes no more"));
        else resolve(bytesWritten);
      });
    });
  }

  judge({ code }: NodeJS.ErrnoException): WriteTrouble {
    if (code === "EAGAIN") return "busy";
    // EBADF: the descriptor was opened for reading, or it has been closed.
    if (this.#options.isTerminal || code === "EBADF" || code === "EPIPE") return "gone";
    return "troubled";
  }

  /** Only the program that opened it knows its name. */
  reopen(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (!this.#options.isOwn) return;
    await new Promise<void>((resolve) => close(this.#descriptor, () => resolve()));
  }
}

const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;

const NAMES = { 1: "standard output", 2: "standard error" } as const;

/** A standard stream that is closed when the process starts is /dev/null: Node opens that. */
export function openStandardSink(descriptor: 1 | 2): LogSink {
  const name = NAMES[descriptor];
  if (isatty(descriptor)) return openTerminal(descriptor, name);
  const stats = readStats(descriptor);
  if (stats?.isFIFO() || stats?.isSocket()) {
    return new LogStream(descriptor === 1 ? process.stdout : process.stderr, name);
  }
  return new LogDescriptor(descriptor, { name, isTerminal: false, isOwn: false });
}

/**
 * With an open file description of our own (open(2)), because O_NONBLOCK on the inherited one would hold for
 * the shell as well. Where that is not permitted, as after `su`, a write waits on a file thread.
 */
function openTerminal(descriptor: number, name: string): LogSink {
  try {
    const own = openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    return new LogDescriptor(own, { name, isTerminal: true, isOwn: true });
  } catch {
    return new LogDescriptor(descriptor, { name, isTerminal: true, isOwn: false });
  }
}

/** Undefined for a descriptor that is closed. */
function readStats(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

// The log as a file: it is made if it does not exist, appended to, and opened again under its name when a
// program such as logrotate has moved it away. Node's file threads write it, so that a slow disk holds
// nothing up. serve/outputs.ts opens it, and output.ts writes to it.

const { O_APPEND, O_CREAT } = constants;
/** Without O_NONBLOCK, opening a pipe without a reader would never return. It has no effect on files. */
const OPEN_FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;
/** The mode of a new file: addresses and targets are not for every user of the machine. */
const FILE_MODE = 0o640;
const LINE_FEED = 0x0a;

export class LogFile implements LogSink {
  readonly name: string;
  readonly #path: string;
  #handle: FileHandle;
  #endsInsideLine: boolean;

  private constructor(path: string, opened: OpenedFile) {
    this.#path = path;
    this.name = `the file ${JSON.stringify(path)}`;
    this.#handle = opened.handle;
    this.#endsInsideLine = opened.endsInsideLine;
  }

  /**
   * @param path absolute
   * @throws OperationError that says what to do
   */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(path, await openFile(path));
  }

  async write(bytes: Buffer): Promise<number> {
    if (this.#endsInsideLine) {
      // Half a line, such as ours from before a crash, must not look like the beginning of this one.
      await this.#handle.write("\n");
      this.#endsInsideLine = false;
    }
    const { bytesWritten } = await this.#handle.write(bytes);
    if (bytesWritten === 0) throw new Error("the system takes no more");
    return bytesWritten;
  }

  /** Never "gone", whatever the disk says: the file may be opened again under its name. */
  judge({ code }: NodeJS.ErrnoException): WriteTrouble {
    return code === "EAGAIN" ? "busy" : "troubled";
  }

  /** @throws OperationError; the file that is open stays so */
  async reopen(): Promise<void> {
    const opened = await openFile(this.#path);
    const old = this.#handle;
    this.#handle = opened.handle;
    this.#endsInsideLine = opened.endsInsideLine;
    await closeQuietly(old);
  }

  close(): Promise<void> {
    return closeQuietly(this.#handle);
  }
}

interface OpenedFile {
  readonly handle: FileHandle;
  readonly endsInsideLine: boolean;
}

async function openFile(path: string): Promise<OpenedFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, OPEN_FLAGS, FILE_MODE);
  } catch (error) {
    throw openError(path, error as NodeJS.ErrnoException);
  }
  const stats = await handle.stat();
  if (stats.isFIFO() || stats.isSocket()) {
    await closeQuietly(handle);
    throw openError(path, { code: "ENXIO" });
  }
  return { handle, endsInsideLine: stats.isFile() && (await isInsideLine(path, stats.size)) };
}

/** False for a file that may be written but not read. */
async function isInsideLine(path: string, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0) return false;
  let reader: FileHandle | undefined;
  try {
    reader = await open(path);
    const { buffer, bytesRead } = await reader.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
    return bytesRead === 1 && buffer[0] !== LINE_FEED;
  } catch {
    return false;
  } finally {
    if (reader !== undefined) await closeQuietly(reader);
  }
}

function openError(
  path: string,
  { code, message = "" }: { readonly code?: string | undefined; readonly message?: string },
): OperationError {
  const [why, advice] = describeOpenError(path, code) ?? [message, "give another --log-file"];
  return new OperationError(`cannot open the log ${JSON.stringify(path)}: ${why} (${advice})`);
}

/** Why, and what to do. */
export function describeOpenError(
  path: string,
  code: string | undefined,
): readonly [string, string] | undefined {
  switch (code) {
    case "ENOENT":
      return [
        `there is no folder ${JSON.stringify(dirname(path))}`,
        "make it, or give another --log-file",
      ];
    case "ENOTDIR":
      return ["a part of its path is a file", "give a path in a folder"];
    case "EISDIR":
      return ["it is a folder", "give the name of a file in it"];
    case "EACCES":
    case "EPERM":
      return ["this user may not write it", "give a file that this user may write or make"];
    case "EROFS":
      return ["its disk can only be read", "give a file on another disk"];
    case "ENXIO":
      return ["it is a pipe or a socket", "give a file, or pipe standard output instead"];
    default:
      return undefined;
  }
}
