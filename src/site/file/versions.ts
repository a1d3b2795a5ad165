// The version of a file: the text of its entity tag. Usually it is made of the time of the last change and
// the size, which costs nothing. Where those cannot tell two versions apart, as in reproducible builds whose
// files all have one time, it is made of the content, which is read once for each version of a file. Each
// thread that answers has one FileTags; representation.ts calls it.

import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RecentMap } from "../../base/recent-map.ts";
import { readFully, SourceChangedError } from "../../http/source.ts";
import { type OpenFile, SMALL_BODY_BYTES_MAX } from "./open-file.ts";

export type TaggedFile = Pick<
  OpenFile,
  "sizeBytes" | "modifiedMs" | "changedMs" | "versionKey" | "read" | "isUnchangedNow"
>;

type DatedFile = Pick<OpenFile, "sizeBytes" | "modifiedMs" | "changedMs">;

/** FAT and zip archives begin to count here: an earlier time was set by a tool. */
const OLDEST_TRUE_TIME_MS = Date.UTC(1980, 0, 2);
/**
 * Two changes within this time may get one date: the clock for files of kernels before Linux 6.13
 * stands still for up to 10 ms.
 */
const CLOCK_STEP_MS = 20;
/** The same for file systems that keep whole seconds only, or every second one (ext3, FAT). */
const COARSE_CLOCK_STEP_MS = 2000;
/** A larger file is not read before its first byte goes out: it takes 20 ms and more. */
const CONTENT_BYTES_MAX = 16 * 1024 * 1024;
/** Read and hashed at once, in about a millisecond. */
const PIECE_BYTES = 1024 * 1024;
/** In each of two generations, of some 200 bytes. */
const TAGS_REMEMBERED_MAX = 8 * 1024;
/** 128 bits: no two versions meet by chance. */
const DIGEST_LENGTH = 22;

/**
 * How good a file's time is as a validator: `exact` tells versions apart; `rough` is true, but two
 * versions may share it; `none` was set by a tool that had no better one.
 */
export type Dating = "exact" | "rough" | "none";

export class FileTags {
  readonly #wallMs: () => number;
  readonly #remembered = new RecentMap<string, string>(TAGS_REMEMBERED_MAX);
  readonly #running = new Map<string, Promise<string>>();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /**
   * The tag's text, without quotes. The same for equal files with equal times on all machines, unless
   * the time is of no use and the file is larger than 16 MiB.
   * @throws SourceChangedError when the file is written to while its content is read
   */
  tagOf(file: TaggedFile): string | Promise<string> {
    const nowMs = this.#wallMs();
    const { sizeBytes } = file;
    if (datingOf(file, nowMs) === "exact") return tagByTime(file);
    if (sizeBytes > CONTENT_BYTES_MAX) return tagByChange(file);
    const key = `${file.versionKey} ${file.modifiedMs} ${sizeBytes}`;
    return this.#remembered.get(key) ?? this.#running.get(key) ?? this.#read(file, key, nowMs);
  }

  datingOf(file: DatedFile): Dating {
    return datingOf(file, this.#wallMs());
  }

  async #read(file: TaggedFile, key: string, nowMs: number): Promise<string> {
    const reading = tagByContent(file);
    this.#running.set(key, reading);
    try {
      const tag = await reading;
      if (isSettled(file, nowMs)) this.#remembered.set(key, tag);
      return tag;
    } finally {
      this.#running.delete(key);
    }
  }
}

/**
 * Whether another version of the file would have another time. It would if the kernel itself set the time at
 * the last change: then it equals the time at which the file's facts changed, which no program can set.
 * Copies with their times, archives and reproducible builds have another.
 */
export function datingOf(file: DatedFile, nowMs: number): Dating {
  const { modifiedMs, changedMs, sizeBytes } = file;
  if (modifiedMs < OLDEST_TRUE_TIME_MS) return "none";
  if (modifiedMs !== changedMs || modifiedMs > nowMs || Number.isInteger(modifiedMs))
    return "rough";
  // A large file that is being written to grows, and its size shows that.
  return sizeBytes > SMALL_BODY_BYTES_MAX || isSettled(file, nowMs) ? "exact" : "rough";
}

/** Whether a change from now on gets another date than the last one. */
function isSettled({ changedMs }: DatedFile, nowMs: number): boolean {
  const stepMs = changedMs % 1000 === 0 ? COARSE_CLOCK_STEP_MS : CLOCK_STEP_MS;
  return nowMs - changedMs >= stepMs;
}

function tagByTime({ modifiedMs, sizeBytes }: TaggedFile): string {
  return `${inMicroseconds(modifiedMs)}-${sizeBytes.toString(36)}`;
}

/** A tag for this machine only: gigabytes are too much to read for a tag. */
function tagByChange(file: TaggedFile): string {
  const inode = Number(file.versionKey.split(" ")[1]);
  return `${tagByTime(file)}-${inMicroseconds(file.changedMs)}-${inode.toString(36)}`;
}

async function tagByContent(file: TaggedFile): Promise<string> {
  const { sizeBytes } = file;
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes));
  for (let position = 0; position < sizeBytes; ) {
    const into = piece.subarray(0, Math.min(piece.length, sizeBytes - position));
    if ((await readFully(file, into, position)) < into.length) throw new SourceChangedError();
    hash.update(into);
    position += into.length;
    if (position < sizeBytes) await nextTurn();
  }
  if (!file.isUnchangedNow()) throw new SourceChangedError();
  return `${hash.digest("base64url").slice(0, DIGEST_LENGTH)}-${sizeBytes.toString(36)}`;
}

function inMicroseconds(ms: number): string {
  return Math.round(ms * 1000).toString(36);
}
