// The parts that the values of fields are made of, whichever field it is (RFC 9110 §5.6): optional blanks,
// lists and dates. Pure. What a stranger has written is looked at in one pass.

/** Whether the code of a character or byte is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The text from `from` to before `to`, without the blanks at its two ends. */
export function trimBlanks(text: string, from = 0, to = text.length): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * The elements of a list (RFC 9110 §5.6.1), including empty ones. It does not use trim(), which takes away more
 * than HTTP's two blanks, and no pattern: 16 KiB of blanks before a comma kept one busy for 0.6 s.
 */
export function splitList(value: string): string[] {
  return value.split(",").map((part) => trimBlanks(part));
}

/** Whether `word` is an element of a list. It does not take the list apart: a stranger may make it long. */
export function hasListElement(value: string, word: string): boolean {
  for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + word.length)) {
    let before = at - 1;
    while (before >= 0 && isBlank(value.charCodeAt(before))) before--;
    let after = at + word.length;
    while (after < value.length && isBlank(value.charCodeAt(after))) after++;
    const isBeginning = before < 0 || value[before] === ",";
    if (isBeginning && (after === value.length || value[after] === ",")) return true;
  }
  return false;
}

// Dates (§5.6.7): IMF-fixdate out, all three forms in.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const RFC850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** `Sun, 06 Nov 1994 08:49:37 GMT`, without fractions of a second. */
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
 * Retry-After (RFC 9110 §10.2.3), a number of seconds or a date, as milliseconds from now. Undefined for anything
 * else.
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
  // Date.UTC would take the years 0 to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month, Number(day));
  // The 31st of a shorter month has become the 1st of the next: there is no such day.
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(hours, minutes, seconds);
}
