// The comparison of one measured number with theory. Pure. Made by the experiments, printed by
// src/report; a check that does not hold makes `weir lab` exit 1.

/** What theory allows, both ends included; an end that is absent is open. */
export interface Bounds {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Check extends Bounds {
  /** What was measured, with its unit: `concurrent, total ms`. */
  readonly what: string;
  readonly measured: number;
  readonly holds: boolean;
}

export function checkBounds(what: string, measured: number, bounds: Bounds): Check {
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bounds;
  return { what, measured, ...bounds, holds: measured >= atLeast && measured <= atMost };
}

export function checkEqual(what: string, measured: number, expected: number): Check {
  return checkBounds(what, measured, { atLeast: expected, atMost: expected });
}
