// Whether all bodies of a URL are equal: a hash of each, and how many different ones there were. For
// `--check` of the load client; each connection has a reader, each thread one set of hashes.

import { createHash, type Hash } from "node:crypto";

/** A server that sends another body each time shows that with the first few. */
const DISTINCT_COUNT_MAX = 1000;

/** Takes the bytes of one body after the other. */
export class BodyReader {
  #hash: Hash = createHash("sha256");

  /** The bytes from `at` to `end`; the chunk may be used again afterwards. */
  push(chunk: Buffer, at: number, end: number): void {
    this.#hash.update(chunk.subarray(at, end));
  }

  /** The digest of what was pushed since the last call. */
  take(): string {
    const digest = this.#hash.digest("base64");
    this.#hash = createHash("sha256");
    return digest;
  }
}

/** The digests by the index of the URL; goes from thread to thread as it is. */
export type BodyDigests = ReadonlyMap<number, ReadonlySet<string>>;

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

  /** Of the URL that has most; 1 when the bodies of every URL were equal, 0 when there were none. */
  get distinctCount(): number {
    return Math.max(0, ...Array.from(this.#digests.values(), ({ size }) => size));
  }
}
