// The notation of lengths of time: `500ms`, `1.5s`, `2m30s`, `1 day`. Pure. It reads whatever can be
// understood in one way only, and knows no bounds: those are quantity.ts's and rate.ts's.

const MS = 1;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** By the words that people type, in lower case. One letter is exact: `M` could be a month. */
const UNITS: ReadonlyMap<string, number> = new Map(
  (
    [
      [MS, "ms msec msecs millisecond milliseconds"],
      [SECOND, "s sec secs second seconds"],
      [MINUTE, "m min mins minute minutes"],
      [HOUR, "h hr hrs hour hours"],
      [DAY, "d day days"],
    ] as const
  ).flatMap(([ms, words]) => words.split(" ").map((word) => [word, ms] as const)),
);
/** A length is shown in the largest unit that divides it. */
const SHOWN_UNITS = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "m"],
  [SECOND, "s"],
] as const;

const PART = /(\d+(?:\.\d+)?)[ \t]*([A-Za-z]+)[ \t]*/y;
/** Four parts with the longest words and room to spare. */
const LENGTH_MAX = 100;

/** Milliseconds of a unit: `s`, `sec`, `minutes`; undefined for other words. */
export function readTimeUnit(word: string): number | undefined {
  return UNITS.get(word.length === 1 ? word : word.toLowerCase());
}

/**
 * Milliseconds, not always whole; undefined for anything else. Several parts go from the larger unit to
 * the smaller, and only the last may have a fraction: `2m30s`, `1h 30m`.
 */
export function readTimeSpan(text: string): number | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  let ms = 0;
  let unitBefore = Number.POSITIVE_INFINITY;
  for (let at = 0; at < text.length || unitBefore === Number.POSITIVE_INFINITY; ) {
    PART.lastIndex = at;
    const [part = "", amount = "", word = ""] = PART.exec(text) ?? [];
    const unit = readTimeUnit(word);
    const isLast = at + part.length === text.length;
    if (unit === undefined || unit >= unitBefore) return undefined;
    if (!isLast && amount.includes(".")) return undefined;
    ms += Number(amount) * unit;
    unitBefore = unit;
    at += part.length;
  }
  // 1.1 s is 1100.0000000000002 ms in binary.
  const whole = Math.round(ms);
  return Math.abs(ms - whole) < 1e-6 ? whole : ms;
}

/** Of whole seconds: `s`, `30s`, `15m`, `d`; one of a unit without its number. */
export function formatWindow(ms: number): string {
  const [unit, letter] = SHOWN_UNITS.find(([each]) => ms % each === 0) ?? [SECOND, "s"];
  return ms === unit ? letter : `${ms / unit}${letter}`;
}
