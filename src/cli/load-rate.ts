// Readers of the size and pace of a load run: `10k`, `10s`, `500/s`, `30s@50/s,1m@200/s`. Pure; used by
// the flag tables, and throw UsageError with what is allowed. What other tools of the kind take is
// taken: a time without a unit is in seconds, a rate without a time is one a second.

import { parseSeconds } from "../config/quantity.ts";
import { UsageError } from "../config/usage-error.ts";
import type { LoadStage } from "../load/load-result.ts";

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const thousands = { "": 1, k: 1e3, m: 1e6, g: 1e9 } as const;
const ratePerSecondMax = 1_000_000;
const stageCountMax = 100;

/** A whole number from 1 to `max`, also as `10k`, `2M`, `1e6` or `1_000_000`. */
export function parseCount(text: string, max: number): number {
  const [, digits = "", power = "0", suffix = ""] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:e(\d{1,2}))?([kmg]?)$/.exec(
      text.toLowerCase().replace(/(?<=\d)_(?=\d)/g, ""),
    ) ?? [];
  const count = Number(`${digits}e${power}`) * thousands[suffix as keyof typeof thousands];
  // 1.1k is 1100.0000000000002 in binary; 1.0001k is really not whole.
  const whole = Math.round(count);
  if (digits !== "" && Math.abs(count - whole) < 1e-6 && whole >= 1 && whole <= max) return whole;
  throw new UsageError(`give a whole number from 1 to ${max}`);
}

/** Milliseconds, at least 1. */
export function parseSpan(text: string): number {
  const ms = parseSeconds(text);
  if (ms === 0) throw new UsageError("give a duration of at least 1ms");
  return ms;
}

/** One rate without an end, or several with the time that each holds. */
export function parseLoadStages(text: string): readonly LoadStage[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length === 1 && !text.includes("@")) {
    return [{ durationMs: undefined, ratePerSecond: parseRatePerSecond(text) }];
  }
  if (parts.length > stageCountMax) throw new UsageError(`give at most ${stageCountMax} stages`);
  return parts.map((part) => {
    const [span = "", rate, ...rest] = part.split("@");
    if (rate === undefined || rest.length > 0) {
      throw new UsageError("give each stage as DURATION@RATE, such as 30s@50/s,1m@200/s");
    }
    return { durationMs: parseSpan(span), ratePerSecond: parseRatePerSecond(rate) };
  });
}

/** Requests a second: `500/s`, `0.5/s`, `90/m`, `100/15m`; a number alone is one a second. */
export function parseRatePerSecond(text: string): number {
  const [, amount = "", count = "1", unit = "s"] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:\/(\d{1,9}(?:\.\d{1,9})?)?([smhd]))?$/.exec(text) ?? [];
  const rate = Number(amount) / (Number(count) * unitSeconds[unit as keyof typeof unitSeconds]);
  if (rate > 0 && rate <= ratePerSecondMax) return rate;
  throw new UsageError(
    `give a rate such as 500/s, 0.5/s, 90/m or 100/15m, at most ${ratePerSecondMax}/s`,
  );
}
