// The most requested files: at this moment, and in all. The main thread updates them once a second from the
// ledger. It looks only at files that have changed since the last look, because a file rises in either
// ranking only by a hit.

import type { ChangedFiles, CountedFile, HitLedger } from "./ledger.ts";

export interface RankedFile {
  /** Canonical path below the served folder, one character for each byte. */
  readonly path: string;
  /** All hits, over restarts. */
  readonly hits: number;
  /** Between the last two looks. */
  readonly hitsPerSecond: number;
}

export interface FileRanking {
  /** By hits in a second. Files without a hit are left out. */
  readonly now: readonly RankedFile[];
  /** By hits in all. */
  readonly all: readonly RankedFile[];
}

export interface TopFilesOptions {
  readonly ledger: Pick<HitLedger, "files" | "follow" | "countedOf" | "totalOf">;
  /** The length of each list. */
  readonly filesMax: number;
  readonly monotonicMs: () => number;
}

/** The next look waits for so many times as long as the last one took. */
const PAUSE_FACTOR = 30;

export class TopFiles {
  readonly #options: TopFilesOptions;
  readonly #changed: ChangedFiles;
  /** The count of each file at the last look at it, by the index of the file. */
  readonly #counts: number[] = [];
  readonly #all: Highest;
  #lookedMs: number | undefined;
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #ranking: FileRanking = { now: [], all: [] };

  constructor(options: TopFilesOptions) {
    this.#options = options;
    this.#changed = options.ledger.follow();
    this.#all = new Highest(options.filesMax);
  }

  get ranking(): FileRanking {
    return this.#ranking;
  }

  /** Looks again, unless the last look took so long that it has to wait. */
  update(): void {
    const { ledger, filesMax, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    if (nowMs < this.#nextLookMs) return;
    const elapsedSeconds = this.#lookedMs === undefined ? 0 : (nowMs - this.#lookedMs) / 1000;
    const now = new Highest(filesMax);
    const rates = new Map<CountedFile, number>();
    let hasFallen = false;
    for (const file of this.#changed.take()) {
      const counted = ledger.countedOf(file);
      const gained = counted - (this.#counts[file.index] ?? 0);
      this.#counts[file.index] = counted;
      const hitsPerSecond = elapsedSeconds > 0 ? gained / elapsedSeconds : 0;
      rates.set(file, hitsPerSecond);
      now.put(file, hitsPerSecond);
      hasFallen = this.#all.put(file, ledger.totalOf(file)) === "fallen" || hasFallen;
    }
    // A total falls only when a person changes the saved file. Then any other file may be the next.
    if (hasFallen) for (const file of ledger.files) this.#all.put(file, ledger.totalOf(file));
    this.#ranking = {
      now: now.ranked.map(({ file, rank }) => {
        return { path: file.path, hits: ledger.totalOf(file), hitsPerSecond: rank };
      }),
      all: this.#all.ranked.map(({ file, rank }) => {
        return { path: file.path, hits: rank, hitsPerSecond: rates.get(file) ?? 0 };
      }),
    };
    this.#lookedMs = nowMs;
    this.#nextLookMs = nowMs + PAUSE_FACTOR * (monotonicMs() - nowMs);
  }
}

interface Ranked {
  readonly file: CountedFile;
  readonly rank: number;
}

/** The few highest of many files, the highest first. Among equals the earlier one comes first. */
class Highest {
  readonly ranked: Ranked[] = [];
  readonly #filesMax: number;

  constructor(filesMax: number) {
    this.#filesMax = filesMax;
  }

  /**
   * Ranks a file, perhaps not for the first time. "fallen" means that it had a higher rank before, so a file
   * that was too low to be kept may now be higher.
   */
  put(file: CountedFile, rank: number): "kept" | "fallen" {
    const { ranked } = this;
    const at = ranked.findIndex((each) => each.file === file);
    const rankBefore = ranked[at]?.rank ?? 0;
    if (rank === rankBefore) return "kept";
    if (at >= 0) ranked.splice(at, 1);
    let place = ranked.length;
    while (place > 0 && ranked[place - 1]!.rank < rank) place--;
    if (rank > 0 && place < this.#filesMax) ranked.splice(place, 0, { file, rank });
    if (ranked.length > this.#filesMax) ranked.pop();
    return rank < rankBefore ? "fallen" : "kept";
  }
}
