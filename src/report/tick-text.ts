// The figures beside the axes of a plot: short, as they are all round. Pure.

/** `0`, `0.5`, `2,000`, `1.5 M`. */
export function formatTick(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} M`;
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** `0.05 ms`, `20 ms`, `5 s`. */
export function formatTickMs(ms: number): string {
  return ms >= 1000 ? `${formatTick(ms / 1000)} s` : `${formatTick(ms)} ms`;
}

export function formatTickPercent(percent: number): string {
  return `${formatTick(percent)} %`;
}

/** The unit for an axis of time that is so long. */
export function chooseTimeUnit(spanMs: number): { readonly ms: number; readonly name: string } {
  if (spanMs > 5 * 3_600_000) return { ms: 3_600_000, name: "hours" };
  if (spanMs > 5 * 60_000) return { ms: 60_000, name: "minutes" };
  return { ms: 1000, name: "seconds" };
}
