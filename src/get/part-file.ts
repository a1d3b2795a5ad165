// A file that is being downloaded: its name, made safe from whatever the URL holds; `NAME.part`; and
// next to it `NAME.part.json`, which says which version of which URL it is a part of. The file gets its
// name when it is complete. Used by transfer.ts.
//
// A part belongs to one version for as long as it exists: another version begins another file. So two
// processes that write into one part write the same bytes at the same places. What cannot be continued
// (the server gives no validator) is written under a random name and removed if it stays incomplete.

import { randomBytes } from "node:crypto";
import { constants, lstatSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import mime from "mime";
import { closeQuietly } from "../base/files.ts";
import { describeFileError, OperationError, type SystemError } from "../base/operation-error.ts";
import { quote } from "../config/usage-error.ts";
import type { Held, Version } from "./continuation.ts";

const NOTE_SCHEMA = "weir-get/1";
/** What ext4, APFS and NTFS accept. The last two count characters, and this is fewer. */
const NAME_BYTES_MAX = 255;

interface PartNote {
  readonly schema: typeof NOTE_SCHEMA;
  readonly url: string;
  readonly validator: string;
  readonly totalBytes?: number;
  /** The process that writes the part, or that last wrote it. */
  readonly pid: number;
}

export interface FilePlace {
  readonly folder: string;
  /** A plain name, see `formatFileName`. */
  readonly name: string;
}

/** An open part. It ends with `finish`, `giveUp` or `discard`. */
export class PartFile {
  readonly #place: FilePlace;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #isNoted: boolean;
  #bytes: number;

  private constructor(
    place: FilePlace,
    path: string,
    handle: FileHandle,
    isNoted: boolean,
    bytes: number,
  ) {
    this.#place = place;
    this.#path = path;
    this.#handle = handle;
    this.#isNoted = isNoted;
    this.#bytes = bytes;
  }

  /** Creates a new and empty part; an older part of the same name is removed. @throws OperationError */
  static create(place: FilePlace, url: string, version: Version): Promise<PartFile> {
    return failingAs(place, async () => {
      await mkdir(place.folder, { recursive: true });
      if (statSync(pathOf(place), { throwIfNoEntry: false })?.isDirectory()) {
        throw Object.assign(new Error(), { code: "EISDIR" });
      }
      const isNoted = version.validator !== undefined && isFreeForUs(place);
      const path = isNoted ? partOf(place) : join(place.folder, randomName());
      if (isNoted) {
        rmSync(path, { force: true });
        writeNote(place, url, version);
      }
      // `wx`: never through a link, and never into a file that appeared meanwhile.
      return new PartFile(place, path, await open(path, "wx"), isNoted, 0);
    });
  }

  /** Opens the part that an earlier run left, to continue it. @throws OperationError */
  static reopen(place: FilePlace, url: string, held: Held): Promise<PartFile> {
    return failingAs(place, async () => {
      const path = partOf(place);
      const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
      writeNote(place, url, held.version);
      return new PartFile(place, path, handle, true, held.bytes);
    });
  }

  /** How many bytes the part has. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a later run can continue the part: only if a note names its version. */
  get isContinuable(): boolean {
    return this.#isNoted;
  }

  get path(): string {
    return this.#path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await failingAs(this.#place, async () => {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await this.#handle.write(chunk, at, undefined, this.#bytes);
        at += bytesWritten;
        this.#bytes += bytesWritten;
      }
    });
  }

  /** Gives the file its name and replaces an older file of that name in one step. @throws OperationError */
  async finish(): Promise<void> {
    await failingAs(this.#place, async () => {
      const own = await this.#handle.stat();
      await this.#handle.close();
      const found = lstatSync(this.#path, { throwIfNoEntry: false });
      if (found === undefined || found.ino !== own.ino || found.dev !== own.dev) {
        throw new OperationError(
          `cannot save ${quote(pathOf(this.#place))}: ${quote(this.#path)} was replaced meanwhile`,
        );
      }
      await rename(this.#path, pathOf(this.#place));
      if (this.#isNoted) rmSync(noteOf(this.#place), { force: true });
    });
  }

  /** For an incomplete part: keeps what can be continued and removes everything else. */
  async giveUp(): Promise<void> {
    await closeQuietly(this.#handle);
    if (this.#isNoted && this.#bytes > 0) return;
    await this.discard();
  }

  async discard(): Promise<void> {
    await closeQuietly(this.#handle);
    await rm(this.#path, { force: true }).catch(() => {});
    if (this.#isNoted) rmSync(noteOf(this.#place), { force: true });
  }
}

/**
 * The part of this URL that an earlier run left.
 * @throws OperationError when another process is writing it
 */
export function findPart(place: FilePlace, url: string): Held | undefined {
  const note = readNote(place);
  const part = lstatSync(partOf(place), { throwIfNoEntry: false });
  if (note === undefined || part === undefined || !part.isFile() || part.size === 0)
    return undefined;
  if (isRunning(note.pid)) {
    const path = quote(partOf(place));
    throw new OperationError(
      `cannot continue ${path}: process ${note.pid} is downloading it; if it is not, remove ${path}`,
    );
  }
  if (note.url !== url) return undefined;
  const { validator, totalBytes } = note;
  return { bytes: part.size, version: { validator, totalBytes } };
}

/** The path of the complete file. */
export function pathOf({ folder, name }: FilePlace): string {
  return join(folder, name);
}

/** The path of the incomplete file. */
export function partOf(place: FilePlace): string {
  return `${pathOf(place)}.part`;
}

function noteOf(place: FilePlace): string {
  return `${pathOf(place)}.part.json`;
}

function randomName(): string {
  return `.weir-get-${randomBytes(8).toString("hex")}.part`;
}

/** Whether weir may use the name: not another program's file, not a running download, not too long. */
function isFreeForUs(place: FilePlace): boolean {
  if (Buffer.byteLength(`${place.name}.part.json`) > NAME_BYTES_MAX) return false;
  const note = readNote(place);
  if (note !== undefined) return !isRunning(note.pid);
  const exists = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return !exists(partOf(place)) && !exists(noteOf(place));
}

function writeNote(place: FilePlace, url: string, { validator, totalBytes }: Version): void {
  const note: PartNote = {
    schema: NOTE_SCHEMA,
    url,
    validator: validator ?? "",
    ...(totalBytes !== undefined && { totalBytes }),
    pid: process.pid,
  };
  rmSync(noteOf(place), { force: true });
  writeFileSync(noteOf(place), `${JSON.stringify(note)}\n`, { flag: "wx" });
}

/** Undefined if there is no note, or if `writeNote` did not write it. */
function readNote(place: FilePlace): PartNote | undefined {
  try {
    const note = JSON.parse(readFileSync(noteOf(place), "utf8")) as Partial<PartNote> | null;
    if (note?.schema !== NOTE_SCHEMA || !Number.isSafeInteger(note.pid)) return undefined;
    if (typeof note.url !== "string" || typeof note.validator !== "string") return undefined;
    const { totalBytes } = note;
    if (totalBytes !== undefined && !Number.isSafeInteger(totalBytes)) return undefined;
    return note.validator === "" ? undefined : (note as PartNote);
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as SystemError).code === "EPERM";
  }
}

/** Reports any failure with the name that the file would have had. */
async function failingAs<T>(place: FilePlace, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const { code, syscall } = error as SystemError;
    const isFolder = code === "EEXIST" && syscall === "mkdir";
    const why = isFolder ? `${quote(place.folder)} is not a folder` : describeFileError(error);
    throw new OperationError(`cannot save ${quote(pathOf(place))}: ${why}`);
  }
}

/**
 * The last segment of a URL path, decoded, as one plain file name. When the path ends in a slash, the name
 * is made up, and `contentType` decides its extension.
 */
export function formatFileName(urlPath: string, contentType: string): string {
  const [path = ""] = urlPath.split(/[?#]/, 1);
  const segment = path.slice(path.lastIndexOf("/") + 1);
  // A decoded slash or backslash would lead out of the folder. Control characters, and those that reverse
  // the writing direction, would make the name look different.
  const plain = decode(segment)
    .replace(/[/\\\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "_")
    .toWellFormed();
  if (plain === "") return `index.${mime.getExtension(contentType) || "html"}`;
  if (plain === "." || plain === "..") return plain.replaceAll(".", "_");
  return shorten(plain);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not UTF-8: the escapes themselves are a safe and distinct name.
    return segment;
  }
}

/** Shortens the stem and keeps the extension; never cuts within a character. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - extension.length);
  let short = "";
  for (const char of stem) {
    if (Buffer.byteLength(short + char + extension) > NAME_BYTES_MAX) break;
    short += char;
  }
  return short + extension;
}
