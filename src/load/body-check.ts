// Checks whether all bodies of a URL are equal, for `--check` of the load client: it hashes each body and
// counts the different hashes. Each connection has a reader, each thread one set of hashes.

import { createHash, type Hash } from "node:crypto";

/** A server that sends a different body each time shows it in the first few. */
const DISTINCT_COUNT_MAX = 1000;

/** Reads the bytes of one body after the other. */
export class BodyReader {
  #hash: Hash = createHash("sha256");

  /** Adds the bytes from `at` to `end`; the chunk may be reused afterwards. */
  push(chunk: Buffer, at: number, end: number): void {
    this.#hash.update(chunk.subarray(at, end));
  }

  /** The digest of everything pushed since the last call. */
  take(): string {
    const digest = this.#hash.digest("base64");
    this.#hash = createHash("sha256");
    return digest;
  }
}

/** The digests by the index of the URL, in a form that goes from thread to thread. */
export type BodyDigests = ReadonlyMap<number, ReadonlySet<string>>;

/** The different bodies of each URL, by their digests. */
export class DistinctBodies {
  readonly #digests = new Map<number, Set<string>>();

  record(urlIndex: number, digest: string): void {
    let known = this.#digests.get(urlIndex);
    if (known === undefined) {
      known = new Set();
      this.#digests.set(urlIndex, known);
    }
    if (known.size < DISTINCT_COUNT_MAX) known.add(digest);
  }

  add(digests: BodyDigests): void {
    for (const [urlIndex, own] of digests) {
      for (const digest of own) this.record(urlIndex, digest);
    }
  }

  get digests(): BodyDigests {
    return this.#digests;
  }

  /** The most different bodies of one URL: 1 when all bodies of each URL were equal, 0 without any. */
  get distinctCount(): number {
    return Math.max(0, ...Array.from(this.#digests.values(), ({ size }) => size));
  }
}
