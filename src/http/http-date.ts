// Dates as HTTP writes them (RFC 9110 §5.6.7): IMF-fixdate out, all three forms in.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const RFC850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** `Sun, 06 Nov 1994 08:49:37 GMT`; fractions of a second are cut off. */
export function formatHttpDate(wallMs: number): string {
  return new Date(wallMs).toUTCString();
}

/**
 * Milliseconds since 1970, or undefined when the text is no HTTP date.
 * @param nowMs decides the century of a two-digit year: at most 50 years ahead (§5.6.7)
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const fix = FIXDATE.exec(text);
  if (fix !== null) return toMs(fix[3], fix[2], fix[1], fix.slice(4));
  const old = RFC850.exec(text);
  if (old !== null) {
    const yearNow = new Date(nowMs).getUTCFullYear();
    const year = Math.floor(yearNow / 100) * 100 + Number(old[3]);
    return toMs(String(year > yearNow + 50 ? year - 100 : year), old[2], old[1], old.slice(4));
  }
  const asctime = ASCTIME.exec(text);
  if (asctime !== null) return toMs(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6));
  return undefined;
}

/**
 * Retry-After (RFC 9110 §10.2.3): milliseconds from now, of a number of seconds or of a date. Undefined for
 * anything else.
 */
export function parseRetryAfter(value: string, wallMs: number): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = parseHttpDate(value, wallMs);
  return atMs === undefined ? undefined : Math.max(0, atMs - wallMs);
}

function toMs(
  year: string | undefined,
  monthName: string | undefined,
  day: string | undefined,
  time: (string | undefined)[],
): number | undefined {
  const month = MONTHS.indexOf(monthName ?? "");
  const [hours, minutes, seconds] = time.map(Number) as [number, number, number];
  if (month < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  // Not Date.UTC, which takes the years 0 to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month, Number(day));
  // The 31st of a shorter month has rolled over: no such day.
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(hours, minutes, seconds);
}
