// How long ago a file was changed, in words. Pure: the time that it is now is handed in. Called by
// listing-row.ts for every row, so it makes nothing but the text itself.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The mean of the Gregorian calendar: 365.2425 days, and a twelfth of them. */
const YEAR_MS = 365.2425 * DAY_MS;
const MONTH_MS = YEAR_MS / 12;

/** `5 minutes ago`, `yesterday`, `in 3 hours`: whole units that have passed, or are to pass. */
export function formatRelativeTime(timeMs: number, nowMs: number): string {
  const passedMs = nowMs - timeMs;
  const awayMs = Math.abs(passedMs);
  // A clock that is a little ahead is no news; nor is a time that is none.
  if (!(awayMs >= MINUTE_MS)) return "just now";
  const isPast = passedMs > 0;
  if (awayMs < HOUR_MS) return formatUnits(awayMs, MINUTE_MS, "minute", isPast);
  if (awayMs < DAY_MS) return formatUnits(awayMs, HOUR_MS, "hour", isPast);
  if (awayMs < 2 * DAY_MS) return isPast ? "yesterday" : "tomorrow";
  if (awayMs < MONTH_MS) return formatUnits(awayMs, DAY_MS, "day", isPast);
  if (awayMs < YEAR_MS) return formatUnits(awayMs, MONTH_MS, "month", isPast);
  return formatUnits(awayMs, YEAR_MS, "year", isPast);
}

function formatUnits(awayMs: number, unitMs: number, unit: string, isPast: boolean): string {
  const count = Math.floor(awayMs / unitMs);
  const units = count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  return isPast ? `${units} ago` : `in ${units}`;
}
