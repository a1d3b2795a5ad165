// Whether a compressed sibling may be of an older version than its file, by their times. Pure. Times
// are compared as coarsely as the coarser of the two was kept, because tools that copy a time, or
// compress, drop what is below their own step: brotli, zstd and tar a part of a second, others all
// below a millisecond. What a little more may still be explained by is left to siblings.ts to decide.

/** What times are kept in, coarsest first: most tools, exFAT, JavaScript and Java. */
const STEPS_MS = [1000, 10, 1] as const;
/** No tool copies times more exactly. */
const FINEST_MS = 0.001;
/** So much may a time in milliseconds be off as a double. */
const ROUNDING_MS = 0.0002;

/**
 * `cp -r` and the like give copies the time of copying, in the order in which a folder happens to name
 * its files: so a sibling may be older by as long as copying the folder takes. Zip and FAT keep even
 * seconds (APPNOTE 4.4.6), and a time that is one by chance looks the same.
 */
export const DOUBTFUL_MS_MAX = 10_000;

export type SiblingAge = "current" | "perhaps older" | "older";

/** @param siblingMs the time of the last change, as of the file itself; both in ms, with fractions */
export function ageOfSibling(siblingMs: number, fileMs: number): SiblingAge {
  const stepMs = Math.max(stepOf(siblingMs), stepOf(fileMs));
  if (countSteps(siblingMs, stepMs) >= countSteps(fileMs, stepMs)) return "current";
  if (fileMs - siblingMs <= FINEST_MS) return "current";
  return fileMs - siblingMs <= DOUBTFUL_MS_MAX ? "perhaps older" : "older";
}

/** The coarsest step of which a time is a whole number. */
function stepOf(ms: number): number {
  const isWhole = (stepMs: number) => Math.abs(ms - Math.round(ms / stepMs) * stepMs) < ROUNDING_MS;
  return STEPS_MS.find(isWhole) ?? FINEST_MS;
}

function countSteps(ms: number, stepMs: number): number {
  return Math.floor((ms + ROUNDING_MS) / stepMs);
}
