// The log as a file: appended to, made when it is not there, and opened anew under its name when a
// program such as logrotate has moved it away. Every write is one of Node's file threads, so that a
// slow disk holds up nobody. Used by log-output.ts; opened by server/open-log.ts.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { closeQuietly } from "../base/close-quietly.ts";
import { OperationError } from "../base/operation-error.ts";
import type { LogSink, WriteTrouble } from "./log-sink.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** Without O_NONBLOCK opening a pipe that nobody reads would wait for ever. Files do not mind it. */
const OPEN_FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;
/** Of a new file: addresses and targets are not for everybody on the machine. */
const FILE_MODE = 0o640;
const LINE_FEED = 0x0a;

export class LogFile implements LogSink {
  readonly name: string;
  private readonly path: string;
  private handle: FileHandle;
  private endsInsideLine: boolean;

  private constructor(path: string, opened: OpenedFile) {
    this.path = path;
    this.name = `the file ${JSON.stringify(path)}`;
    this.handle = opened.handle;
    this.endsInsideLine = opened.endsInsideLine;
  }

  /**
   * @param path absolute
   * @throws OperationError that says what to do
   */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(path, await openFile(path));
  }

  async write(bytes: Buffer): Promise<number> {
    if (this.endsInsideLine) {
      // Somebody's half line, or ours from before a crash, is not to be taken for the beginning of this.
      await this.handle.write("\n");
      this.endsInsideLine = false;
    }
    const { bytesWritten } = await this.handle.write(bytes);
    if (bytesWritten === 0) throw new Error("the system takes no more");
    return bytesWritten;
  }

  /** Never gone, whatever the disk says: the file may be opened again elsewhere under its name. */
  judge({ code }: NodeJS.ErrnoException): WriteTrouble {
    return code === "EAGAIN" ? "busy" : "troubled";
  }

  /** @throws OperationError; the file that is open stays so */
  async reopen(): Promise<void> {
    const opened = await openFile(this.path);
    const old = this.handle;
    this.handle = opened.handle;
    this.endsInsideLine = opened.endsInsideLine;
    await closeQuietly(old);
  }

  close(): Promise<void> {
    return closeQuietly(this.handle);
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

/** A file that may be written and not read counts as whole. */
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
