// Where the vertical axis of a plot ends, so that it stays the same while the values change a little. Pure.
// Called by plot-list.ts.

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10] as const;

/** From 0 to a round number not below the largest value, and not below `leastMax`. */
export function rangeFromZero(largest: number | null, leastMax: number): [number, number] {
  const needed = Math.max(largest ?? 0, leastMax);
  const power = 10 ** Math.floor(Math.log10(needed));
  const step = STEPS.find((candidate) => candidate * power >= needed * (1 - 1e-9)) ?? 10;
  return [0, step * power];
}

/** The same for bytes: round in the unit in which the axis is written. */
export function rangeOfBytes(largest: number | null): [number, number] {
  const needed = Math.max(largest ?? 0, 1024);
  const unit = 1024 ** Math.floor(Math.log2(needed) / 10);
  const [, inUnit] = rangeFromZero(needed / unit, 1);
  return [0, inUnit * unit];
}

/** The distances that the lines of an axis of bytes may have; the plot takes one that fits. */
export const BYTE_INCREMENTS: readonly number[] = [0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** power),
);

/** Whole powers of ten (of a unit) around the values; two decades at least. */
export function rangeOfDecades(
  smallest: number | null,
  largest: number | null,
  least: number,
): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.max(smallest ?? least, least)) + 1e-9);
  const high = 10 ** Math.ceil(Math.log10(Math.max(largest ?? low, low)) - 1e-9);
  return [low, Math.max(high, low * 100)];
}
