// Long work in short slices, so that its thread answers others in between. The work is a generator: it
// yields the parts of a text as they come, and PAUSE wherever it may be left alone for a while. The
// server drives it, and `return()` ends it early: then its `finally` gives back what it holds.

import { setImmediate as nextTurn } from "node:timers/promises";

/** No text: only a place where a slice may end. */
export const PAUSE = "";

/** Work that yields texts and pauses, and ends with a result. */
export type SlicedWork<Result> = Generator<string, Result>;

/** What others wait for at most, as long as the work pauses several times in it. */
export const SLICE_MS = 5;
/** At 64 entries each about as long as a slice. */
const FIRST_STEPS = 24;
/** Whoever goes through the entries of a folder pauses after so many: a tenth of a slice or so. */
export const ENTRIES_PER_PAUSE = 64;

export interface FirstSlice {
  readonly text: string;
  /** Whether `text` is all there is. */
  readonly isAll: boolean;
}

/**
 * Begins the work: for so many steps, or until it has made `lengthMax` characters. It counts and looks at
 * no clock, so that the same small work is always done in it, however busy the machine is.
 * @throws what the work throws
 */
export function runFirstSlice(work: SlicedWork<void>, lengthMax: number): FirstSlice {
  let text = "";
  for (let steps = 0; steps < FIRST_STEPS && text.length < lengthMax; steps++) {
    const step = work.next();
    if (step.done === true) return { text, isAll: true };
    text += step.value;
  }
  return { text, isAll: false };
}

/**
 * `begun` and whatever more the work makes, taken in slices. Whoever takes it decides the pace, and is
 * handed a PAUSE after each slice that made no text: if nobody reads any more, that is when to end it.
 */
export async function* continueInSlices(
  begun: string,
  work: SlicedWork<void>,
  monotonicMs: () => number,
): AsyncGenerator<string> {
  yield begun;
  await nextTurn();
  let endMs = monotonicMs() + SLICE_MS;
  for (const text of work) {
    const isOver = monotonicMs() >= endMs;
    if (text !== PAUSE || isOver) yield text;
    if (!isOver) continue;
    await nextTurn();
    endMs = monotonicMs() + SLICE_MS;
  }
}

/** Runs work to its end at once, pauses and all: for what is known to be short. */
export function runWhole<Result>(work: SlicedWork<Result>): { text: string; result: Result } {
  let text = "";
  for (;;) {
    const step = work.next();
    if (step.done === true) return { text, result: step.value };
    text += step.value;
  }
}
