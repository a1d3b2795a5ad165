// The two clocks of the program, handed to whoever needs one so that tests can hand in their own.
// Limits and deadlines read the monotonic clock only: a jump of the wall clock changes nothing.

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

// Waiting with a bound for what may never come: what hangs must not keep a process that ends, starts or
// asks its threads.

/** Whether `work` has come to its end, well or not, within `timeoutMs`. */
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
