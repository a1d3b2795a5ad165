// A folder and everything below it as the bytes of a zip, made while they are sent: nothing is read ahead
// of the client, one file is open at a time, and it is closed when the zip ends early. The zip contains
// what requests would get, one by one; its files are not compressed. answer.ts calls it, and
// loads it only where zips are offered. It knows no client.

import { setImmediate as nextTurn } from "node:timers/promises";
import { makeZip } from "client-zip";
import { systemClock } from "../../base/clock.ts";
import type { BodyPart } from "../../http/reply.ts";
import { readFully, SourceChangedError } from "../../http/source.ts";
import type { OpenFile, OpenFolder } from "../file/open-file.ts";
import { openServed, openServedFile } from "../file/open-served.ts";
import { childPath, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import type { DirectoryEntry } from "./entry.ts";
import { readServedEntries } from "./folder-to-list.ts";
import { sortByName } from "./order.ts";
import { nextWorkTurn, SLICE_MS, type SlicedWork } from "./time-slice.ts";

export interface ZipLimits {
  /** Names looked at in all, as in a listing: this bounds what a request costs. */
  readonly entriesMax: number;
  /** Folders in folders. */
  readonly depthMax: number;
  /** The length of all paths together: the directory of a zip is its end, and is held until then. */
  readonly pathBytesMax: number;
}

/** One zip holds some 50 MB at most, and people nest folders no deeper than a dozen. */
export const ZIP_LIMITS: ZipLimits = {
  entriesMax: 100_000,
  depthMax: 100,
  pathBytesMax: 32 * 1024 * 1024,
};

/** Read and sent at once. */
const PIECE_BYTES = 64 * 1024;
/** The years that a zip can express (APPNOTE 4.4.6); other dates become the first or the last. */
const DATE_MS_MIN = Date.UTC(1980, 0, 2);
const DATE_MS_MAX = Date.UTC(2107, 11, 30);
/** The user who unpacks a file can read it, whatever its permissions are here. */
const READABLE = 0o400;
const FOLDER_MODE = 0o755;

/** One entry of the zip. */
type ZipItem =
  | { readonly name: Uint8Array; readonly lastModified: Date; readonly mode: number }
  | {
      readonly name: Uint8Array;
      readonly lastModified: Date;
      readonly mode: number;
      readonly size: number;
      readonly input: AsyncIterable<Uint8Array>;
    };

/** A folder that is still to be put in. */
interface Place {
  readonly path: SafePath;
  /** The path of its entries in the zip: empty, or ending in a slash. */
  readonly zipPath: string;
  readonly depth: number;
  readonly modifiedMs: number;
}

/**
 * The zip, in parts for a reply's body.
 * @throws when a bound is passed, or a file changes or cannot be read to its end: the zip is cut short,
 * so that it does not look whole
 */
export async function* zipParts(
  folder: ServedFolder,
  path: SafePath,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<BodyPart> {
  const items = new FolderZip(folder, limits).items(path);
  const reader = makeZip(items).getReader();
  try {
    yield* inBatches(reader);
  } finally {
    // When it ends early, the library ends the items, and these close the open file.
    await reader.cancel().catch(() => {});
    await items.return(undefined);
  }
}

class FolderZip {
  readonly #folder: ServedFolder;
  readonly #limits: ZipLimits;
  #entriesLeft: number;
  #pathBytesLeft: number;

  constructor(folder: ServedFolder, limits: ZipLimits) {
    this.#folder = folder;
    this.#limits = limits;
    this.#entriesLeft = limits.entriesMax;
    this.#pathBytesLeft = limits.pathBytesMax;
  }

  async *items(path: SafePath): AsyncGenerator<ZipItem> {
    const places: Place[] = [{ path, zipPath: "", depth: 0, modifiedMs: 0 }];
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const opened = await openServed(this.#folder, place.path);
      if (opened.kind === "busy") throw new Error("no descriptors are left");
      if (opened.kind === "file") opened.file.close();
      // It has gone since it was listed, or cannot be read: a request would not get it either.
      if (opened.kind !== "folder") continue;
      if (!opened.folder.isReadable) {
        opened.folder.release();
        continue;
      }
      const entries = await this.#readEntries(opened.folder);
      if (place.depth > 0) {
        yield this.#describe(place.zipPath, place.modifiedMs, FOLDER_MODE);
      }
      yield* this.#itemsOf(place, entries, places);
    }
  }

  async #readEntries(opened: OpenFolder): Promise<readonly DirectoryEntry[]> {
    try {
      const limits = { entriesMax: this.#entriesLeft, countedMax: 0 };
      const directory = await runInTurns(
        readServedEntries(this.#folder, opened, { folderLinks: false }, limits),
      );
      this.#entriesLeft -= directory.nameCount;
      if (!directory.isComplete) {
        throw new Error(`more than ${this.#limits.entriesMax} entries are no zip`);
      }
      return (await runInTurns(sortByName(directory.entries))).entries;
    } finally {
      opened.release();
    }
  }

  /** The files of a folder; its folders are put on the stack, the first on top. */
  async *#itemsOf(
    { path, zipPath, depth }: Place,
    entries: readonly DirectoryEntry[],
    places: Place[],
  ): AsyncGenerator<ZipItem> {
    const nameOf = nameForZip(entries.map(({ byteName }) => byteName));
    const folders: Place[] = [];
    for (const { kind, byteName, modifiedMs } of entries) {
      const entryPath = childPath(path, byteName);
      const name = zipPath + nameOf(byteName);
      if (kind === "file") yield* this.#fileItem(entryPath, name);
      else {
        folders.push({ path: entryPath, zipPath: `${name}/`, depth: depth + 1, modifiedMs });
      }
    }
    if (folders.length > 0 && depth >= this.#limits.depthMax) {
      throw new Error(`folders more than ${this.#limits.depthMax} deep are no zip`);
    }
    places.push(...folders.reverse());
  }

  *#fileItem(path: SafePath, zipPath: string): Generator<ZipItem> {
    const opened = openServedFile(this.#folder, path);
    if (opened.kind === "busy") throw new Error("no descriptors are left");
    if (opened.kind !== "file") return;
    const { file } = opened;
    try {
      const { sizeBytes, modifiedMs, permissions } = file;
      // A program stays a program. It lends no rights of another user: setuid and setgid are left out.
      const described = this.#describe(zipPath, modifiedMs, permissions | READABLE);
      // The next item is asked for when all of this one has been taken, and so it is closed then.
      yield { ...described, size: sizeBytes, input: piecesOf(file) };
    } finally {
      file.close();
    }
  }

  #describe(zipPath: string, modifiedMs: number, mode: number) {
    this.#pathBytesLeft -= zipPath.length;
    if (this.#pathBytesLeft < 0) throw new Error("paths this long are no zip");
    const heldMs = Math.min(Math.max(modifiedMs, DATE_MS_MIN), DATE_MS_MAX);
    // As bytes: a name need not be UTF-8, and the library says of each whether it is.
    return { name: Buffer.from(zipPath, "latin1"), lastModified: new Date(heldMs), mode };
  }
}

async function* piecesOf(file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < file.sizeBytes; ) {
    const piece = await readPiece(file, position);
    position += piece.length;
    yield piece;
  }
  if (!(await file.isUnchanged())) throw new SourceChangedError();
}

async function readPiece(file: OpenFile, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, file.sizeBytes - position));
  if ((await readFully(file, piece, position)) < piece.length) throw new SourceChangedError();
  return piece;
}

/** Work that makes no text, with a turn for the others of the thread after each time slice. */
async function runInTurns<Result>(work: SlicedWork<Result>): Promise<Result> {
  try {
    let endMs = systemClock.monotonicMs() + SLICE_MS;
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (typeof step.value !== "string") await step.value;
      else if (systemClock.monotonicMs() < endMs) continue;
      await nextWorkTurn();
      endMs = systemClock.monotonicMs() + SLICE_MS;
    }
  } finally {
    work.return(undefined as never);
  }
}

/** Small parts together, and after each time slice a turn for the others of the thread. */
async function* inBatches(reader: ReadableStreamDefaultReader<Uint8Array>) {
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  let endMs = systemClock.monotonicMs() + SLICE_MS;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    batch.push(value);
    batchBytes += value.length;
    const isOver = systemClock.monotonicMs() >= endMs;
    if (batchBytes < PIECE_BYTES && !isOver) continue;
    yield Buffer.concat(batch);
    batch = [];
    batchBytes = 0;
    if (!isOver) continue;
    await nextTurn();
    endMs = systemClock.monotonicMs() + SLICE_MS;
  }
  yield Buffer.concat(batch);
}

// How a name on disk is called in a zip. Pure. A zip goes to other systems,
// where some characters of a name are more than that: a backslash parts folders, so that "..\\x" would
// be unpacked outside of where it should.

/** Characters that are encoded as in a URL (`%5C`): backslashes, and invisible control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\\\x00-\x1f\x7f]/g;

/**
 * A name for each of a folder's entries, all different; nearly always their own.
 * @param byteNames one character a byte
 */
export function nameForZip(byteNames: readonly string[]): (byteName: string) => string {
  let taken: Set<string> | undefined;
  return (byteName) => {
    const safeName = byteName.replace(UNSAFE, encodeCharacter);
    if (safeName === byteName) return byteName;
    taken ??= new Set(byteNames);
    let name = safeName;
    while (taken.has(name)) name = `_${name}`;
    taken.add(name);
    return name;
  };
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
