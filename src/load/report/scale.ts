// Scales of a plot: where a value lies between the two ends of an axis, and the round values that are
// written beside it. Pure.

export interface Tick {
  readonly value: number;
  /** From 0 at the beginning of the axis to 1 at its end. */
  readonly at: number;
}

export interface Scale {
  /** From 0 to 1; a value outside the axis is placed at the nearer end. */
  readonly place: (value: number) => number;
  readonly ticks: readonly Tick[];
}

/** From 0 to the first round value that is not below `max`; at most `tickCountMax` steps. */
export function makeLinearScale(max: number, tickCountMax: number): Scale {
  const step = chooseStep(max > 0 ? max : 1, tickCountMax);
  const stepCount = Math.max(1, Math.ceil((max > 0 ? max : 1) / step - 1e-9));
  const end = stepCount * step;
  return {
    place: (value) => clamp(value / end),
    ticks: Array.from({ length: stepCount + 1 }, (_, index) => {
      return { value: round(index * step), at: index / stepCount };
    }),
  };
}

/** From 0 to `end` exactly, as an axis of time is; the last tick may lie before the end. */
export function makeSpanScale(end: number, tickCountMax: number): Scale {
  const span = end > 0 ? end : 1;
  const step = chooseStep(span, tickCountMax);
  const tickCount = Math.floor(span / step + 1e-9) + 1;
  return {
    place: (value) => clamp(value / span),
    ticks: Array.from({ length: tickCount }, (_, index) => {
      return { value: round(index * step), at: clamp((index * step) / span) };
    }),
  };
}

/**
 * Logarithmic, between the nearest 1, 2 or 5 times a power of ten below `min` and above `max`; both are
 * above 0. There is a tick at each such value, or only at the powers of ten if there are many.
 */
export function makeLogScale(min: number, max: number, tickCountMax: number): Scale {
  const firstIndex = findRoundIndex(min, Math.floor);
  const lastIndex = Math.max(findRoundIndex(max, Math.ceil), firstIndex + 1);
  const [low, high] = [Math.log10(roundAt(firstIndex)), Math.log10(roundAt(lastIndex))];
  const place = (value: number): number =>
    value <= 0 ? 0 : clamp((Math.log10(value) - low) / (high - low));
  const indexes = Array.from({ length: lastIndex - firstIndex + 1 }, (_, at) => firstIndex + at);
  const decades = indexes.filter((index) => index % 3 === 0);
  const stride = Math.ceil(decades.length / tickCountMax);
  const chosen =
    indexes.length <= tickCountMax + 1
      ? indexes
      : decades.filter((index) => (index / 3) % stride === 0);
  return {
    place,
    ticks: chosen.map((index) => ({ value: roundAt(index), at: place(roundAt(index)) })),
  };
}

/** The smallest 1, 2 or 5 times a power of ten with which `countMax` steps reach `span`. */
function chooseStep(span: number, countMax: number): number {
  return roundAt(findRoundIndex(span / countMax, Math.ceil));
}

/** The sequence …, 0.5, 1, 2, 5, 10, …, counted from 1 at 0. */
function roundAt(index: number): number {
  const decade = Math.floor(index / 3);
  return round([1, 2, 5][index - 3 * decade]! * 10 ** decade);
}

/** The last of the sequence that is not above the value (Math.floor), or the first that is not below it. */
function findRoundIndex(value: number, towards: typeof Math.floor): number {
  let index = 3 * Math.floor(Math.log10(value));
  while (roundAt(index + 1) <= value * (1 + 1e-12)) index++;
  const isExact = Math.abs(roundAt(index) / value - 1) < 1e-9;
  return towards === Math.ceil && !isExact ? index + 1 : index;
}

/** Without the rounding errors of the steps: 0.3 and not 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

function clamp(at: number): number {
  return Math.min(1, Math.max(0, at));
}

/** The figure beside an axis, short because all of them are round: `0`, `0.5`, `2,000`, `1.5 M`. */
export function formatTick(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} M`;
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** `0.05 ms`, `20 ms`, `5 s`. */
export function formatTickMs(ms: number): string {
  return ms >= 1000 ? `${formatTick(ms / 1000)} s` : `${formatTick(ms)} ms`;
}

/** `20 %`. */
export function formatTickPercent(percent: number): string {
  return `${formatTick(percent)} %`;
}

/** The unit for an axis of time of this length. */
export function chooseTimeUnit(spanMs: number): { readonly ms: number; readonly name: string } {
  if (spanMs > 5 * 3_600_000) return { ms: 3_600_000, name: "hours" };
  if (spanMs > 5 * 60_000) return { ms: 60_000, name: "minutes" };
  return { ms: 1000, name: "seconds" };
}
