// Readers of the small notations that people type: `8001`, `500ms`, `5/s`, `html,png`, `off`. Pure; each
// returns the value or throws UsageError with what is allowed. The flag tables use them, and commands use
// them for their positionals through `parseValue`, which adds the act and the value.

import { isIP } from "node:net";
import { UsageError } from "./usage-error.ts";

/** Longer waits are mistakes, and beyond 2^31-1 ms a timer of Node silently becomes 1 ms. */
export const DURATION_MS_MAX = 24 * 3_600_000;
/** Deadlines are checked four times a second. */
const TIMEOUT_MS_MIN = 100;

const DECIMAL = /^\d+(\.\d+)?$/;

export function parsePort(text: string): number {
  return parseWhole(text, 0, 65_535) ?? refuse("give a number from 0 to 65535");
}

export function parsePositiveInteger(text: string, max: number): number {
  return parseWhole(text, 1, max) ?? refuse(`give a whole number from 1 to ${max}`);
}

export function parseIntegerBetween(text: string, min: number, max: number): number {
  return parseWhole(text, min, max) ?? refuse(`give a whole number from ${min} to ${max}`);
}

/** undefined means `off`. */
export function parseIntegerOrOff(text: string, max: number): number | undefined {
  if (text === "off") return undefined;
  return parseWhole(text, 1, max) ?? refuse(`give a whole number from 1 to ${max}, or off`);
}

/** Milliseconds, whole, at most `DURATION_MS_MAX`: `500ms`, `0.5s`, `1m`, `2m30s`, `2h`, `1d`, `0`. */
export function parseDuration(text: string): number {
  const ms = readTimeSpan(text);
  if (ms !== undefined) return toWholeMs(ms);
  if (/^0+$/.test(text)) return 0;
  if (DECIMAL.test(text)) refuse(`add a unit: ${text}ms, ${text}s, ${text}m or ${text}h`);
  return refuse("give a duration such as 500ms, 5s, 1m, 2h or 0");
}

/** The same for a time that something is waited for: 0 would end the wait before it began. */
export function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  return ms >= TIMEOUT_MS_MIN ? ms : refuse("give a duration from 100ms to 24h, such as 30s or 5m");
}

/** Milliseconds from a bare number of seconds (`0.25`), or from a duration with its unit. */
export function parseSeconds(text: string): number {
  if (DECIMAL.test(text)) return toWholeMs(Number(text) * 1000);
  if (/^\d/.test(text)) return parseDuration(text);
  return refuse("give seconds such as 0.25, or a duration such as 250ms");
}

/** Lower-case extensions without their dot, each once; undefined means `all`. */
export function parseExtensions(text: string): readonly string[] | undefined {
  if (text === "all") return undefined;
  const extensions = text.split(",").map(readExtension);
  return Object.freeze([...new Set(extensions)]);
}

/** `png`, `.png` and `*.png` are the same. */
function readExtension(part: string): string {
  const extension = part
    .trim()
    .replace(/^\*?\./, "")
    .toLowerCase();
  if (extension === "all" || extension === "*") refuse('give "all" alone, or extensions');
  if (/^(?:application|audio|font|image|model|text|video)\//.test(extension)) {
    refuse("give extensions such as html,png, not media types");
  }
  // The extension of a name is what follows its last dot, so `tar.gz` would never match a file.
  const [, last] = /^[^\s/\\*]+\.([^\s./\\*]+)$/.exec(extension) ?? [];
  if (last !== undefined) refuse(`give what follows the last dot of a name: ${last}`);
  if (!/^[^\s./\\*]+$/.test(extension)) {
    refuse("give extensions separated by commas, such as html,png,pdf, or all");
  }
  return extension;
}

/** More names are a mistake: each is looked for in every folder without an index page. */
const FILE_NAMES_MAX = 16;

/** Names of files, best first, each once: `index.html,index.htm`. */
export function parseFileNames(text: string): readonly string[] {
  const names = text.split(",").map((part) => part.trim());
  const areNames = names.every((name) => /^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(name));
  if (!areNames || names.length > FILE_NAMES_MAX) {
    refuse(`give names of files, at most ${FILE_NAMES_MAX}, such as index.html,index.htm`);
  }
  return Object.freeze([...new Set(names)]);
}

export function parseOneOf<const W extends string>(text: string, words: readonly W[]): W {
  const word = words.find((candidate) => candidate === text);
  return word ?? refuse(`give ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
}

/** An IP address (brackets around IPv6 are taken off) or a host name, without scheme and port. */
export function parseHost(text: string): string {
  const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (isIP(address) !== 0) return address;
  if (text.includes("://")) refuse("leave the scheme out, such as localhost or 127.0.0.1");
  if (/^[^:]+:\d+$|\]:\d+$/.test(text)) refuse("leave the port out: it has a flag of its own");
  const label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
  const isName = new RegExp(`^(${label}\\.)*${label}\\.?$`, "i").test(text);
  // A last label of digits alone is a mistyped IPv4 address (WHATWG URL, "ends in a number").
  if (!isName || text.length > 253 || /(^|\.)\d+\.?$/.test(text)) {
    refuse("give a host name or an IP address, such as localhost, 127.0.0.1 or ::1");
  }
  return text;
}

/** A host and a port; undefined means `off`. */
export function parseAddressOrOff(text: string): { host: string; port: number } | undefined {
  if (text === "off") return undefined;
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  // More than one colon and no brackets: nobody can tell where an IPv6 address ends.
  if (host === undefined || (host.includes(":") && !host.startsWith("["))) {
    refuse("give HOST:PORT, such as 127.0.0.1:8002 or [::1]:8002, or off");
  }
  return Object.freeze({ host: parseHost(host), port: parsePort(port ?? "") });
}

/** A switch as the environment and the fallbacks of the flag tables spell it. */
export function parseSwitch(text: string): boolean {
  const word = text.toLowerCase();
  if (["1", "true", "on", "yes"].includes(word)) return true;
  if (["0", "false", "off", "no"].includes(word)) return false;
  return refuse("give on or off, true or false, or 1 or 0");
}

/** A path as it was typed; only the empty text and NUL, which no path can hold, are refused. */
export function parsePath(text: string): string {
  if (text === "" || text.includes("\0")) refuse("give the path of a file or folder");
  return text;
}

function parseWhole(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function toWholeMs(ms: number): number {
  const whole = Math.round(ms);
  // 1.1 s is 1100.0000000000002 ms in binary; 0.5 ms is really not whole.
  if (Math.abs(ms - whole) > 1e-6) refuse("the smallest step is 1ms");
  if (whole > DURATION_MS_MAX) refuse("give at most 24h");
  return whole;
}

function refuse(allowed: string): never {
  throw new UsageError(allowed);
}

// The notation of lengths of time: `500ms`, `1.5s`, `2m30s`, `1 day`. It reads everything that has only one
// meaning, and knows no bounds: its callers do.

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
function readTimeUnit(word: string): number | undefined {
  return UNITS.get(word.length === 1 ? word : word.toLowerCase());
}

/**
 * Milliseconds, not always whole; undefined for anything else. Several parts go from the larger unit to
 * the smaller, and only the last may have a fraction: `2m30s`, `1h 30m`.
 */
function readTimeSpan(text: string): number | undefined {
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

/** A window of whole seconds: `s`, `30s`, `15m`, `d`; a unit alone is one of it. */
function formatWindow(ms: number): string {
  const [unit, letter] = SHOWN_UNITS.find(([each]) => ms % each === 0) ?? [SECOND, "s"];
  return ms === unit ? letter : `${ms / unit}${letter}`;
}

// The reader of `--rate`: how many requests in which window, as `5/s`, `100/15m`, and in the spellings that
// people know from elsewhere.

/** At most `count` admitted requests of one client in any period of `windowMs`. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
  /** As a person writes it: `5/s`. */
  readonly text: string;
}

export const RATE_COUNT_MAX = 1_000_000;
/**
 * A year. Windows are 64-bit times in milliseconds, which are exact for far longer; but a restart forgets
 * them, unless a store keeps them.
 */
export const RATE_WINDOW_MS_MAX = 366 * 86_400_000;

const allowed = `give N/s, N/m, N/h or N/d, or a window such as 100/15m, with N from 1 to ${RATE_COUNT_MAX}; or off`;

/** undefined means `off`. */
export function parseRate(text: string): Rate | undefined {
  if (text === "off") return undefined;
  const { digits, windowMs } = splitRate(text.trim());
  const count = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(count >= 1 && count <= RATE_COUNT_MAX)) throw new UsageError(allowed);
  if (windowMs === undefined) {
    const isBare = text === digits;
    throw new UsageError(isBare ? `add the time: ${count}/s, ${count}/m or ${count}/h` : allowed);
  }
  if (windowMs > RATE_WINDOW_MS_MAX) throw new UsageError("give a window of at most 366 days");
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
