// Readers of the pace of a load run: `500/s`, `30s@50/s,1m@200/s`, and of times that cannot be 0. Pure;
// used by the flag table, and throw UsageError with what is allowed.

import { parseDuration } from "../config/quantity.ts";
import { UsageError } from "../config/usage-error.ts";
import type { LoadStage } from "../load/load-result.ts";

const unitSeconds = { s: 1, m: 60, h: 3600 } as const;
const ratePerSecondMax = 1_000_000;
const stageCountMax = 100;

/** Milliseconds, at least 1. */
export function parseSpan(text: string): number {
  const ms = parseDuration(text);
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

/** Requests a second: `500/s`, `0.5/s`, `90/m`. */
export function parseRatePerSecond(text: string): number {
  const [, amount = "", unit] = /^(\d+(?:\.\d+)?)\/([smh])$/.exec(text) ?? [];
  const rate = Number(amount) / unitSeconds[unit as keyof typeof unitSeconds];
  if (rate > 0 && rate <= ratePerSecondMax) return rate;
  if (/^\d+$/.test(text)) throw new UsageError(`add the time: ${text}/s, ${text}/m or ${text}/h`);
  throw new UsageError(`give a rate such as 500/s, 0.5/s or 90/m, at most ${ratePerSecondMax}/s`);
}
