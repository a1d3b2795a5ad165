// When is the next request due? Pure: the coordinator in load-run.ts asks with the clock in hand.
// A closed load sends a submission when it is due and a connection is free for it.

export interface Schedule {
  /** A closed load: a connection sends its next request only when the last one is answered. */
  readonly kind: "closed";
  /** Between the starts of two submissions; 0 makes all due at once. */
  readonly delayMs: number;
}

/** Milliseconds from the start of the run to the moment when submission number `index` is due. */
export function dueMs(schedule: Schedule, submissionIndex: number): number {
  // Multiplied, not added up: rounding errors of a long run do not add up either.
  return submissionIndex * schedule.delayMs;
}

/** A submission is late when the one after it is due before it could start. */
export function isLate(schedule: Schedule, submissionIndex: number, elapsedMs: number): boolean {
  return schedule.delayMs > 0 && elapsedMs > dueMs(schedule, submissionIndex + 1);
}
