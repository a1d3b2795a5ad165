// How many requests of one client a server has certainly admitted within one window, told from the
// client's side. Pure. Used by the limit experiment.

/** A request that was admitted, on the client's monotonic clock. */
export interface AdmittedRequest {
  readonly startedMs: number;
  readonly finishedMs: number;
}

/**
 * The largest number of requests that were both sent and answered within one window of `windowMs`.
 *
 * The server admits a request at some moment between its sending and its answer. So these were all
 * admitted within the window, however late an answer was read: more than the limit is a proof that
 * the limit was broken, and no jitter can bring that about. To compare the moments of the answers
 * alone would accuse a server whose first answers were read late.
 */
export function countAdmittedWithin(
  requests: readonly AdmittedRequest[],
  windowMs: number,
): number {
  let countMax = 0;
  for (const { startedMs } of requests) {
    const count = requests.filter(
      // Less than, not equal: a window that is exactly over is over.
      (other) => other.startedMs >= startedMs && other.finishedMs - startedMs < windowMs,
    ).length;
    countMax = Math.max(countMax, count);
  }
  return countMax;
}
