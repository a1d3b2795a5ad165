// What an exact sliding window makes of requests that come at given moments. Pure. What the limit
// experiment's figures are held against.

/** Of `count` requests, the first at 0 and each `gapMs` after the one before it, so many pass. */
export function countAdmittedInTheory(
  count: number,
  gapMs: number,
  limit: number,
  windowMs: number,
): number {
  const admittedMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const nowMs = index * gapMs;
    // An admission that is exactly a window old is in it no more.
    const recentCount = admittedMs.filter((ms) => nowMs - ms < windowMs).length;
    if (recentCount < limit) admittedMs.push(nowMs);
  }
  return admittedMs.length;
}
