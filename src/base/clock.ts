// The two clocks of the program. They are handed in, so that a test can use its own. Limits and deadlines
// read only the monotonic clock: a jump of the wall clock changes nothing.

export interface Clock {
  /** Milliseconds, with fractions, that never go back; the same on all threads of the process. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for dates that people and caches read. */
  wallMs(): number;
}

export const systemClock: Clock = {
  // hrtime and not performance.now: the latter counts from the start of its own thread, and a
  // limiter shared by threads needs one origin for all.
  monotonicMs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  wallMs: Date.now,
};

// Waiting with a bound. What hangs must not hold up a process that starts, ends or asks its threads.

/** Whether `work` has ended, well or not, within `timeoutMs`. */
export async function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, timeUp]);
  clearTimeout(timer);
  return isSettled;
}

/** The first event may have begun before the system was asked for more. */
const QUIET_TURNS = 3;

/**
 * Waits until nothing has been counted for a few turns of the event loop, but for `turnsMax` turns at
 * most. A turn accepts at least one of the connections that wait for a listener.
 */
export async function untilQuiet(readCount: () => number, turnsMax: number): Promise<void> {
  for (let turns = 0, quietTurns = 0; turns < turnsMax && quietTurns < QUIET_TURNS; turns++) {
    const before = readCount();
    await new Promise((resolve) => setImmediate(resolve));
    quietTurns = readCount() === before ? quietTurns + 1 : 0;
  }
}
