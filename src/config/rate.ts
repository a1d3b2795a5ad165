// Reader of `--rate`: how many requests in which window, `5/s`, `100/15m`, and as people write it
// elsewhere. Pure; throws UsageError with what is allowed.

import { formatWindow, readTimeSpan, readTimeUnit } from "./time-span.ts";
import { UsageError } from "./usage-error.ts";

/** At most `count` admitted requests of one client in any period of `windowMs`. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
  /** As a person writes it: `5/s`. */
  readonly text: string;
}

export const rateCountMax = 1_000_000;
/**
 * A year. The window lies in memory as 64-bit times in milliseconds, which are exact for far longer;
 * but a restart forgets it, unless a store keeps it.
 */
export const rateWindowMsMax = 366 * 86_400_000;

const allowed = `give N/s, N/m, N/h or N/d, or a window such as 100/15m, with N from 1 to ${rateCountMax}; or off`;

/** undefined means `off`. */
export function parseRate(text: string): Rate | undefined {
  if (text === "off") return undefined;
  const { digits, windowMs } = splitRate(text.trim());
  const count = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(count >= 1 && count <= rateCountMax)) throw new UsageError(allowed);
  if (windowMs === undefined) {
    const isBare = text === digits;
    throw new UsageError(isBare ? `add the time: ${count}/s, ${count}/m or ${count}/h` : allowed);
  }
  if (windowMs > rateWindowMsMax) throw new UsageError("give a window of at most 366 days");
  // RateLimit-Policy and Retry-After have no smaller unit.
  if (windowMs % 1000 !== 0 || windowMs === 0) {
    throw new UsageError("give a window of whole seconds, such as 5/s or 10/30s");
  }
  return Object.freeze({ count, windowMs, text: `${count}/${formatWindow(windowMs)}` });
}

/** `5/s`, `5 req/sec`, `100 requests per 15 minutes`; `5rps` and `300rpm`; a number alone. */
function splitRate(text: string): { digits: string; windowMs: number | undefined } {
  const [, digits = "", unit] =
    /^(\d+)[ \t]*(?:r(?:eq(?:uest)?s?)?)?[ \t]*(?:\/|per\b)[ \t]*(\S.*)$/i.exec(text) ?? [];
  if (unit !== undefined) return { digits, windowMs: readTimeUnit(unit) ?? readTimeSpan(unit) };
  const [, short, letter = ""] = /^(\d+)[ \t]*rp([smh])$/i.exec(text) ?? [];
  if (short !== undefined) return { digits: short, windowMs: readTimeUnit(letter.toLowerCase()) };
  return { digits: text, windowMs: undefined };
}
