// Tells of most paths that were never counted that they were not, without the hash of the table, which
// takes fifty times as long: listings ask for thousands of them. One for all threads, in shared memory.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class PathFilter {
  private readonly words: Int32Array;
  private readonly wordMask: number;

  /** @param memory a power of two of bytes, at least 4, zeroed at first */
  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.wordMask = this.words.length - 1;
  }

  /** To be called before the path is counted for the first time. */
  add(path: string): void {
    const hash = hashPath(path);
    Atomics.or(this.words, (hash >>> 5) & this.wordMask, 1 << (hash & 31));
  }

  /** False when the path was not added; true when it was, and seldom when it was not. */
  mayHold(path: string): boolean {
    const hash = hashPath(path);
    return (Atomics.load(this.words, (hash >>> 5) & this.wordMask) & (1 << (hash & 31))) !== 0;
  }
}

/**
 * FNV-1a, its bits mixed once more: its low ones alone differ too little. Whoever chooses paths that
 * share a bit gains nothing but the time of the table's own hash.
 */
function hashPath(path: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at++) {
    hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 15), FNV_PRIME);
  return hash ^ (hash >>> 13);
}
