// Compressed siblings of files: `page.html.br` beside `page.html`, made once and better than weir would
// in a hurry. One for each server thread; called by choose-representation.ts. Times decide whether a
// sibling is of an older version; where they leave it open the content does, once for each version.

import { promisify } from "node:util";
import { brotliDecompress, gunzip, zstdDecompress } from "node:zlib";
import { RecentMap } from "../base/recent-map.ts";
import { readFully } from "../http/read-fully.ts";
import { type ContentCoding, SIBLING_ENDINGS } from "./content-encoding.ts";
import type { OpenFile } from "./open-file.ts";
import { openServedFile } from "./open-served.ts";
import { type SafePath, siblingPath } from "./resolve-path.ts";
import type { ServedFolder } from "./served-folder.ts";
import { ageOfSibling } from "./sibling-age.ts";

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

/** "undecided": not to be sent now, and nothing to tell of. */
type Verdict = "current" | "older" | "undecided";

const decode: Readonly<
  Record<ContentCoding, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
  gzip: promisify(gunzip),
};

export class Siblings {
  private readonly onIgnored: SiblingsOptions["onIgnored"];
  private readonly verdicts = new RecentMap<string, "current" | "older">(VERDICTS_REMEMBERED_MAX);
  private comparisonCount = 0;
  private hasTold = false;

  constructor({ onIgnored }: SiblingsOptions) {
    this.onIgnored = onIgnored;
  }

  /** The sibling of an open file, unless it is of an older version, or still empty. */
  async open(
    folder: ServedFolder,
    path: SafePath,
    file: OpenFile,
    coding: ContentCoding,
  ): Promise<OpenFile | undefined> {
    const sibling = siblingPath(path, SIBLING_ENDINGS[coding]);
    const opened = await openServedFile(folder, sibling, () => true);
    if (opened.kind !== "file") return undefined;
    let verdict: Verdict = "undecided";
    try {
      verdict = await this.judge(path, file, opened.file, coding);
    } finally {
      if (verdict !== "current") opened.file.close();
    }
    if (verdict === "current") return opened.file;
    if (verdict === "older") this.tell(path, file, sibling, opened.file);
    return undefined;
  }

  private async judge(
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
    const known = this.verdicts.get(key);
    if (known !== undefined) return known;
    // The file is compressed on the fly meanwhile.
    if (this.comparisonCount >= COMPARISONS_MAX) return "undecided";
    this.comparisonCount++;
    try {
      const verdict = (await holdsFile(sibling, file, coding)) ? "current" : "older";
      this.verdicts.set(key, verdict);
      return verdict;
    } finally {
      this.comparisonCount--;
    }
  }

  private tell(
    filePath: SafePath,
    file: OpenFile,
    sibling: SafePath,
    { modifiedMs }: OpenFile,
  ): void {
    if (this.hasTold) return;
    this.hasTold = true;
    this.onIgnored({
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
  // One byte more than it may be is enough to see that it is another; none at all is no bound.
  const options = { maxOutputLength: bytes.length + 1 };
  const decoded = await decode[coding](coded, options).catch(() => undefined);
  return decoded?.equals(bytes) === true;
}

/** undefined when it was cut short meanwhile. */
async function readWhole(file: OpenFile): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(file.sizeBytes);
  return (await readFully(file, bytes, 0)) === bytes.length ? bytes : undefined;
}
