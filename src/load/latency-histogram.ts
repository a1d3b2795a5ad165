// Counts latencies in buckets of equal relative width, in constant memory, so that the histograms of
// several threads can be added up. The bucket of a value is the exponent of its floating-point number and
// the first six bits of its fraction, so no logarithm is needed. Used by the tally.

import { assert } from "../base/assert.ts";
import type { LatencyBucket, LatencySummary } from "./result.ts";
import type { Distribution } from "./statistics.ts";

/** 64 buckets from a power of two to the next: half a bucket is at most 0.8 % of the value. */
const FRACTION_BITS = 6;
const BUCKETS_PER_OCTAVE = 2 ** FRACTION_BITS;
/** From 2^-10 ms, about a microsecond, to 2^27 ms, about 37 hours. */
const EXPONENT_MIN = -10;
const OCTAVE_COUNT = 37;
const BUCKET_COUNT = OCTAVE_COUNT * BUCKETS_PER_OCTAVE;

/** The high word of a double: 11 bits of exponent, biased by 1023, above 20 bits of the fraction. */
const MANTISSA_SHIFT = 20 - FRACTION_BITS;
const firstPrefix = (1023 + EXPONENT_MIN) << FRACTION_BITS;

const DOUBLE = new DataView(new ArrayBuffer(8));

/** A whole histogram, as a plain value that goes from thread to thread. */
export interface HistogramData {
  readonly counts: Uint32Array;
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** The buckets that are not empty: what is kept of a second that is over. */
export interface SparseHistogram {
  readonly bucketIndexes: Uint16Array;
  readonly counts: Uint32Array;
}

assert(BUCKET_COUNT <= 2 ** 16, "an index of a bucket fits in 16 bits");

/** Latencies in milliseconds. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKET_COUNT);
  #count = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;

  /** `ms` is not negative. */
  record(ms: number): void {
    this.#counts[bucketIndexOf(ms)]!++;
    this.#count++;
    this.#sumMs += ms;
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** A view, not a copy: it is valid until the next record. */
  get data(): HistogramData {
    return {
      counts: this.#counts,
      count: this.#count,
      sumMs: this.#sumMs,
      minMs: this.#minMs,
      maxMs: this.#maxMs,
    };
  }

  add(other: HistogramData): void {
    for (let index = 0; index < BUCKET_COUNT; index++) this.#counts[index]! += other.counts[index]!;
    this.#count += other.count;
    this.#sumMs += other.sumMs;
    this.#minMs = Math.min(this.#minMs, other.minMs);
    this.#maxMs = Math.max(this.#maxMs, other.maxMs);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sumMs = 0;
    this.#minMs = Number.POSITIVE_INFINITY;
    this.#maxMs = 0;
  }

  toSparse(): SparseHistogram {
    const indexes: number[] = [];
    for (let index = 0; index < BUCKET_COUNT; index++) {
      if (this.#counts[index]! > 0) indexes.push(index);
    }
    return {
      bucketIndexes: Uint16Array.from(indexes),
      counts: Uint32Array.from(indexes, (index) => this.#counts[index]!),
    };
  }

  /**
   * By the nearest rank, as in statistics.ts: the middle of the bucket that holds it, but within the
   * smallest and the largest value. `percent` is from 0 to 100. The histogram must not be empty.
   */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent * this.#count) / 100));
    const index = findRank(this.#counts, rank);
    const middle = (bucketStartMs(index) + bucketStartMs(index + 1)) / 2;
    return Math.min(Math.max(middle, this.#minMs), this.#maxMs);
  }

  /** Undefined when nothing was recorded. */
  summarize(): LatencySummary | undefined {
    if (this.#count === 0) return undefined;
    const distribution: Distribution = {
      count: this.#count,
      min: this.#minMs,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      max: this.#maxMs,
      mean: this.#sumMs / this.#count,
    };
    return { ...distribution, buckets: this.#listBuckets() };
  }

  #listBuckets(): LatencyBucket[] {
    const buckets: LatencyBucket[] = [];
    for (const [index, count] of this.#counts.entries()) {
      if (count === 0) continue;
      buckets.push({ fromMs: bucketStartMs(index), toMs: bucketStartMs(index + 1), count });
    }
    return buckets;
  }
}

/** A percentile over several sparse histograms; undefined when all are empty. */
export function sparsePercentile(
  parts: readonly SparseHistogram[],
  percent: number,
): number | undefined {
  const counts = new Uint32Array(BUCKET_COUNT);
  let total = 0;
  for (const { bucketIndexes, counts: own } of parts) {
    for (const [at, bucketIndex] of bucketIndexes.entries()) {
      counts[bucketIndex]! += own[at]!;
      total += own[at]!;
    }
  }
  if (total === 0) return undefined;
  const index = findRank(counts, Math.max(1, Math.ceil((percent * total) / 100)));
  return (bucketStartMs(index) + bucketStartMs(index + 1)) / 2;
}

function findRank(counts: Uint32Array, rank: number): number {
  let below = 0;
  for (let index = 0; index < counts.length; index++) {
    below += counts[index]!;
    if (below >= rank) return index;
  }
  return counts.length - 1;
}

function bucketIndexOf(ms: number): number {
  DOUBLE.setFloat64(0, ms);
  const index = (DOUBLE.getUint32(0) >>> MANTISSA_SHIFT) - firstPrefix;
  if (index < 0) return 0;
  return index < BUCKET_COUNT ? index : BUCKET_COUNT - 1;
}

/** The first bucket begins at 0, so it also holds what is shorter than a microsecond. */
function bucketStartMs(index: number): number {
  if (index === 0) return 0;
  DOUBLE.setUint32(0, (index + firstPrefix) << MANTISSA_SHIFT);
  DOUBLE.setUint32(4, 0);
  return DOUBLE.getFloat64(0);
}
