// Compressed siblings of files: `page.html.br` beside `page.html`, which somebody made once and better than
// weir would in a hurry. Times decide whether a sibling is of an older version. Where they leave it open,
// the content does, once for each version. Each thread has one Siblings; representation.ts calls it.

import { RecentMap } from "../../base/recent-map.ts";
import { readFully } from "../../http/source.ts";
import { type SafePath, siblingPath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { type ContentCoding, ENCODINGS } from "./encoding.ts";
import type { OpenFile } from "./open-file.ts";
import { openServedFile } from "./open-served.ts";

/** Above this two versions are told apart by their times alone. */
export const COMPARED_BYTES_MAX = 4 * 1024 * 1024;
/** At once: each holds a file, its sibling and what that decodes to, 12 MiB at most. */
const COMPARISONS_MAX = 2;
/** In each of two generations: a megabyte of paths and versions. */
const VERDICTS_REMEMBERED_MAX = 2048;

/** A sibling that is not sent because it is older than its file. */
export interface IgnoredSibling {
  /** Below the root, one character a byte. */
  readonly siblingPath: string;
  readonly filePath: string;
  readonly siblingMs: number;
  readonly fileMs: number;
}

export interface SiblingsOptions {
  /** Called for the first one only. */
  readonly onIgnored: (ignored: IgnoredSibling) => void;
}

/** "undecided": it is not sent now, and there is nothing to report. */
type Verdict = "current" | "older" | "undecided";

export class Siblings {
  readonly #onIgnored: SiblingsOptions["onIgnored"];
  readonly #verdicts = new RecentMap<string, "current" | "older">(VERDICTS_REMEMBERED_MAX);
  #comparisonCount = 0;
  #hasTold = false;

  constructor({ onIgnored }: SiblingsOptions) {
    this.#onIgnored = onIgnored;
  }

  /** The sibling of an open file, unless it is of an older version, or still empty. */
  async open(
    folder: ServedFolder,
    path: SafePath,
    file: OpenFile,
    coding: ContentCoding,
  ): Promise<OpenFile | undefined> {
    const sibling = siblingPath(path, ENCODINGS[coding].siblingEnding);
    const opened = openServedFile(folder, sibling, "any");
    if (opened.kind !== "file") return undefined;
    let verdict: Verdict = "undecided";
    try {
      verdict = await this.#judge(path, file, opened.file, coding);
    } finally {
      if (verdict !== "current") opened.file.close();
    }
    if (verdict === "current") return opened.file;
    if (verdict === "older") this.#tell(path, file, sibling, opened.file);
    return undefined;
  }

  async #judge(
    path: SafePath,
    file: OpenFile,
    sibling: OpenFile,
    coding: ContentCoding,
  ): Promise<Verdict> {
    if (sibling.sizeBytes === 0) return "undecided";
    const age = ageOfSibling(sibling.modifiedMs, file.modifiedMs);
    if (age !== "perhaps older") return age;
    if (Math.max(file.sizeBytes, sibling.sizeBytes) > COMPARED_BYTES_MAX) return "older";
    const key = `${path.path} ${coding} ${versionOf(file)} ${versionOf(sibling)}`;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    // Until then the file is compressed on the fly.
    if (this.#comparisonCount >= COMPARISONS_MAX) return "undecided";
    this.#comparisonCount++;
    try {
      const verdict = (await holdsFile(sibling, file, coding)) ? "current" : "older";
      this.#verdicts.set(key, verdict);
      return verdict;
    } finally {
      this.#comparisonCount--;
    }
  }

  #tell(filePath: SafePath, file: OpenFile, sibling: SafePath, { modifiedMs }: OpenFile): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    this.#onIgnored({
      siblingPath: sibling.path,
      filePath: filePath.path,
      siblingMs: modifiedMs,
      fileMs: file.modifiedMs,
    });
  }
}

function versionOf(file: OpenFile): string {
  return `${file.versionKey} ${file.modifiedMs} ${file.sizeBytes}`;
}

/** Whether a sibling decodes to the bytes of its file. */
async function holdsFile(
  sibling: OpenFile,
  file: OpenFile,
  coding: ContentCoding,
): Promise<boolean> {
  const coded = await readWhole(sibling);
  const bytes = await readWhole(file);
  if (coded === undefined || bytes === undefined) return false;
  // One byte too many is enough to see that it differs. (A bound of 0 would mean none.)
  const options = { maxOutputLength: bytes.length + 1 };
  const decoded = await ENCODINGS[coding].decode(coded, options).catch(() => undefined);
  return decoded?.equals(bytes) === true;
}

/** undefined when it was cut short meanwhile. */
async function readWhole(file: OpenFile): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(file.sizeBytes);
  return (await readFully(file, bytes, 0)) < bytes.length ? undefined : bytes;
}

/** The steps in which tools keep times, coarsest first: most tools, exFAT, JavaScript and Java. */
const STEPS_MS = [1000, 10, 1] as const;
/** No tool copies times more exactly. */
const FINEST_MS = 0.001;
/** A time in milliseconds may be off by this much as a double. */
const ROUNDING_MS = 0.0002;

/**
 * `cp -r` and the like give copies the time of copying, in the order in which a folder happens to name
 * its files: so a sibling may be older by as long as copying the folder takes. Zip and FAT keep even
 * seconds (APPNOTE 4.4.6), and a time that is one by chance looks the same.
 */
export const DOUBTFUL_MS_MAX = 10_000;

export type SiblingAge = "current" | "perhaps older" | "older";

/**
 * Whether a sibling may be of an older version than its file, by their times. These are compared as
 * coarsely as the coarser of the two was kept, because tools that copy a time, or compress, drop everything
 * below their own step: brotli, zstd and tar the part of a second, others what is below a millisecond.
 * @param siblingMs the time of the last change, as of the file itself; both in ms, with fractions
 */
export function ageOfSibling(siblingMs: number, fileMs: number): SiblingAge {
  const stepMs = Math.max(stepOf(siblingMs), stepOf(fileMs));
  if (countSteps(siblingMs, stepMs) >= countSteps(fileMs, stepMs)) return "current";
  if (fileMs - siblingMs <= FINEST_MS) return "current";
  return fileMs - siblingMs <= DOUBTFUL_MS_MAX ? "perhaps older" : "older";
}

/** The coarsest step that divides a time. */
function stepOf(ms: number): number {
  const isWhole = (stepMs: number) => Math.abs(ms - Math.round(ms / stepMs) * stepMs) < ROUNDING_MS;
  return STEPS_MS.find(isWhole) ?? FINEST_MS;
}

function countSteps(ms: number, stepMs: number): number {
  return Math.floor((ms + ROUNDING_MS) / stepMs);
}
