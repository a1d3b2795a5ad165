// Lets the threads of a test begin at the same moment, so that they meet and do not run one after the
// other. One word of shared memory; used by the *-thread.ts files beside it.

export interface StartLine {
  readonly word: SharedArrayBuffer;
  readonly threadCount: number;
}

export function drawStartLine(threadCount: number): StartLine {
  return { word: new SharedArrayBuffer(4), threadCount };
}

/** Returns when all threads have come to round number `round` (0 is the first). */
export function waitAtStartLine({ word, threadCount }: StartLine, round = 0): void {
  const arrivals = new Int32Array(word);
  Atomics.add(arrivals, 0, 1);
  Atomics.notify(arrivals, 0);
  for (;;) {
    const arrived = Atomics.load(arrivals, 0);
    if (arrived >= threadCount * (round + 1)) return;
    Atomics.wait(arrivals, 0, arrived);
  }
}
