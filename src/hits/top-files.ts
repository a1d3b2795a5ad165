// The most requested files: in all, and at this moment. Read from the ledger on the main thread, once
// a second; for very many files less often, so that it never takes more than a few hundredths of it.

import type { HitLedger } from "./hit-ledger.ts";

export interface RankedFile {
  /** Canonical path below the served folder, one character a byte. */
  readonly path: string;
  /** In all, over restarts. */
  readonly hits: number;
  /** Between the last two looks. */
  readonly hitsPerSecond: number;
}

export interface FileRanking {
  /** By hits in a second, files without any left out. */
  readonly now: readonly RankedFile[];
  /** By hits in all. */
  readonly all: readonly RankedFile[];
}

export interface TopFilesOptions {
  readonly ledger: Pick<HitLedger, "forEachFile">;
  /** Of each list. */
  readonly filesMax: number;
  readonly monotonicMs: () => number;
}

/** A look that took so long is followed by a pause of so many times that. */
const PAUSE_FACTOR = 30;

export class TopFiles {
  private readonly options: TopFilesOptions;
  /** What was counted of each file at the last look, in the ledger's order. */
  private counts: number[] = [];
  private lookedMs: number | undefined;
  private nextLookMs = Number.NEGATIVE_INFINITY;
  private current: FileRanking = { now: [], all: [] };

  constructor(options: TopFilesOptions) {
    this.options = options;
  }

  get ranking(): FileRanking {
    return this.current;
  }

  /** Looks anew, unless the last look was so long that it has to wait. */
  update(): void {
    const { ledger, filesMax, monotonicMs } = this.options;
    const nowMs = monotonicMs();
    if (nowMs < this.nextLookMs) return;
    const elapsedSeconds = this.lookedMs === undefined ? 0 : (nowMs - this.lookedMs) / 1000;
    const now = new Best<RankedFile>(filesMax, (file) => file.hitsPerSecond);
    const all = new Best<RankedFile>(filesMax, (file) => file.hits);
    const { counts } = this;
    let index = 0;
    ledger.forEachFile((path, counted, hits) => {
      const gained = counted - (counts[index] ?? 0);
      counts[index++] = counted;
      const hitsPerSecond = elapsedSeconds > 0 ? gained / elapsedSeconds : 0;
      if (!now.takes(hitsPerSecond) && !all.takes(hits)) return;
      const file = { path, hits, hitsPerSecond };
      if (hitsPerSecond > 0) now.add(file);
      if (hits > 0) all.add(file);
    });
    this.current = { now: now.ranked, all: all.ranked };
    this.lookedMs = nowMs;
    this.nextLookMs = nowMs + PAUSE_FACTOR * (monotonicMs() - nowMs);
  }
}

/** The few highest of many, the highest first; of equals those that came first. */
class Best<Item> {
  readonly ranked: Item[] = [];
  private readonly itemsMax: number;
  private readonly rankOf: (item: Item) => number;

  constructor(itemsMax: number, rankOf: (item: Item) => number) {
    this.itemsMax = itemsMax;
    this.rankOf = rankOf;
  }

  /** Whether one of that rank would be among them. */
  takes(rank: number): boolean {
    const last = this.ranked[this.itemsMax - 1];
    return rank > 0 && (last === undefined || rank > this.rankOf(last));
  }

  add(item: Item): void {
    const rank = this.rankOf(item);
    if (!this.takes(rank)) return;
    let place = this.ranked.length;
    while (place > 0 && this.rankOf(this.ranked[place - 1]!) < rank) place--;
    this.ranked.splice(place, 0, item);
    if (this.ranked.length > this.itemsMax) this.ranked.pop();
  }
}
