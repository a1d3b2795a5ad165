// One line of the access log, in each of its forms. A server thread makes one formatter and calls it for
// each answer, so what is the same for many lines, such as the text of a second, is made once. Everything
// that a client has sent is escaped: a line is visible ASCII, and "pretty" adds colours to some of it.

export type LogLineFormat = "pretty" | "common" | "combined" | "json";

/** "none" means that no limit is on, or that the request could not be read and never met it. */
export type LimitState = "admitted" | "refused" | "none";

export interface LogEntry {
  readonly address: string;
  readonly wallMs: number;
  /** Undefined when the request could not be read. */
  readonly method: string | undefined;
  readonly rawTarget: string | undefined;
  readonly protocol: string | undefined;
  readonly status: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly limit: LimitState;
  /** How many requests the client has left; undefined where the answer does not say so. */
  readonly limitRemaining: number | undefined;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  readonly threadIndex: number;
  /** False when the client left, or the file ended, before the whole answer had been sent. */
  readonly isComplete: boolean;
}

/** Returns the line without its line break. */
export type LogLineFormatter = (entry: LogEntry) => string;

/** @param isColoured for "pretty"; the other forms have no colours */
export function createLogLineFormatter(
  format: LogLineFormat,
  isColoured: boolean,
): LogLineFormatter {
  switch (format) {
    case "common":
      return createCommonFormatter();
    case "combined":
      return createCombinedFormatter();
    case "json":
      return createJsonFormatter();
    case "pretty":
      return createPrettyFormatter(isColoured ? COLOURS : NO_COLOURS);
  }
}

/** The line that takes the place of `lineCount` missing lines, with its line break. */
export function formatDroppedRemark(
  lineCount: number,
  format: LogLineFormat,
  wallMs: number,
): string {
  if (format === "json") {
    return `{"time":"${new Date(wallMs).toISOString()}","dropped_lines":${lineCount}}\n`;
  }
  return `# ${lineCount} log ${lineCount === 1 ? "line" : "lines"} dropped\n`;
}

/** The Common Log Format: host ident user [time] "request" status bytes. */
function createCommonFormatter(): LogLineFormatter {
  const second = new SecondText(formatClfSecond);
  return function formatCommon(entry) {
    const { address, wallMs, method, rawTarget, protocol, status, bodyBytes } = entry;
    // A method is a token, and the parser bounds its length: it needs no escaping.
    const request =
      method === undefined
        ? "-"
        : `${method} ${escapeText(rawTarget ?? "", LOGGED_TARGET_CHARS_MAX)} ${protocol}`;
    const bytes = bodyBytes === 0 ? "-" : bodyBytes;
    return `${address} - - [${second.at(wallMs)}] "${request}" ${status} ${bytes}`;
  };
}

function createCombinedFormatter(): LogLineFormatter {
  const formatCommon = createCommonFormatter();
  return function formatCombined(entry) {
    return `${formatCommon(entry)} "${fieldText(entry.referer)}" "${fieldText(entry.userAgent)}"`;
  };
}

function fieldText(value: string | undefined): string {
  return value === undefined || value === "" ? "-" : escapeText(value, LOGGED_FIELD_CHARS_MAX);
}

/** The fields that the README lists, in its order. */
function createJsonFormatter(): LogLineFormatter {
  const second = new SecondText(formatIsoSecond);
  return function formatJson(entry) {
    const { wallMs, durationMs } = entry;
    const milliseconds = String(Math.floor(wallMs) % 1000).padStart(3, "0");
    return (
      `{"time":"${second.at(wallMs)}${milliseconds}Z","address":"${entry.address}"` +
      `,"method":${jsonText(entry.method)},"target":${jsonText(entry.rawTarget, LOGGED_TARGET_CHARS_MAX)}` +
      `,"status":${entry.status},"bytes":${entry.bodyBytes}` +
      `,"duration_ms":${Math.round(durationMs * 1000) / 1000},"limit":"${entry.limit}"` +
      `,"limit_remaining":${entry.limitRemaining ?? "null"},"complete":${entry.isComplete}` +
      `,"thread":${entry.threadIndex},"referer":${jsonText(entry.referer)}` +
      `,"user_agent":${jsonText(entry.userAgent)}}`
    );
  };
}

function jsonText(value: string | undefined, charsMax = LOGGED_FIELD_CHARS_MAX): string {
  return value === undefined ? "null" : formatAsciiJson(value, charsMax);
}

/** The sequences that begin and end a colour. */
interface PrettyColours {
  /** By the first digit of the status. */
  readonly status: readonly string[];
  readonly statusEnd: string;
  readonly dim: string;
  readonly dimEnd: string;
}

const CYAN = "\x1b[36m";
const YELLOW = "\x1b[33m";
const COLOURS: PrettyColours = {
  status: ["", CYAN, "\x1b[32m", CYAN, YELLOW, "\x1b[31m"],
  statusEnd: "\x1b[39m",
  dim: "\x1b[2m",
  dimEnd: "\x1b[22m",
};
const NO_COLOURS: PrettyColours = { status: [], statusEnd: "", dim: "", dimEnd: "" };

/** For a person: the colour of the status shows how it went, and the rest is dim around the request. */
function createPrettyFormatter({
  status: statusColours,
  statusEnd,
  dim,
  dimEnd,
}: PrettyColours): LogLineFormatter {
  const second = new SecondText(formatClockSecond);
  return function formatPretty(entry) {
    const { status, bodyBytes, durationMs, address } = entry;
    const { method, rawTarget = "" } = entry;
    const request =
      method === undefined
        ? "(unreadable)"
        : `${method} ${escapeText(rawTarget, LOGGED_TARGET_CHARS_MAX)}`;
    const cut = entry.isComplete ? "" : "  (cut short)";
    const begin = statusColours[Math.floor(status / 100)] ?? "";
    return (
      `${dim}${second.at(entry.wallMs)}${dimEnd}  ${begin}${status}${statusEnd}  ${request}` +
      `${dim}  ${bodyBytes} B  ${durationMs.toFixed(1)} ms  ${address}${dimEnd}${cut}`
    );
  };
}

/** A target is logged whole: the engine takes 8 KiB at most, and escaping them may make them longer. */
const LOGGED_TARGET_CHARS_MAX = 16 * 1024;
/** User agents have up to some 400 characters; referers as long as that are searches. */
const LOGGED_FIELD_CHARS_MAX = 1024;

const CUT_MARK = "...";
/** Everything that a quoted field or a JSON string has to escape, and all that is not visible ASCII. */
const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

type Spelling = (character: string) => string;

const toHex: Spelling = (character) => `\\x${formatHex(character, 2)}`;
const toJson: Spelling = (character) =>
  character > "~" ? `\\u${formatHex(character, 4)}` : JSON.stringify(character).slice(1, -1);

/** The spelling of each byte in the line. */
const HEX_TEXTS = listTexts(toHex);
const JSON_TEXTS = listTexts(toJson);

/**
 * Spells quotes, backslashes and everything outside visible ASCII as `\xHH`, as Apache and nginx do.
 * @param charsMax of the result; `...` comes behind it where something is cut off
 */
export function escapeText(text: string, charsMax: number): string {
  if (text.length <= charsMax && !UNSAFE.test(text)) return text;
  return escapeUpTo(text, charsMax, HEX_TEXTS, toHex);
}

/**
 * A JSON string in ASCII that parses back to the same text. A head is read as one character for each
 * byte, so a byte above 0x7f becomes `\u00HH`, whichever encoding the client meant.
 * @param charsMax of the result without its quotes; `...` comes behind it where something is cut off
 */
export function formatAsciiJson(text: string, charsMax: number): string {
  if (text.length <= charsMax && !UNSAFE.test(text)) return `"${text}"`;
  return `"${escapeUpTo(text, charsMax, JSON_TEXTS, toJson)}"`;
}

function escapeUpTo(
  text: string,
  charsMax: number,
  texts: readonly string[],
  spell: Spelling,
): string {
  const cut = text.slice(0, charsMax);
  if (!UNSAFE.test(cut)) return cut + CUT_MARK;
  let escaped = "";
  for (let at = 0; at < text.length; at++) {
    const next = texts[text.charCodeAt(at)] ?? spell(text[at] as string);
    if (escaped.length + next.length > charsMax) return escaped + CUT_MARK;
    escaped += next;
  }
  return escaped;
}

function listTexts(spell: Spelling): readonly string[] {
  return Array.from({ length: 256 }, (_, code) => {
    const character = String.fromCharCode(code);
    return UNSAFE.test(character) ? spell(character) : character;
  });
}

function formatHex(character: string, digitCount: number): string {
  return character.charCodeAt(0).toString(16).padStart(digitCount, "0");
}

/**
 * The text of a second, made once for all the lines of that second: a busy thread writes tens of thousands
 * of them, and a Date for each would cost more than the rest of the line.
 */
class SecondText {
  readonly #format: (wallMs: number) => string;
  #startMs = Number.NaN;
  #text = "";

  /** @param format makes the text of the second that begins at `wallMs` */
  constructor(format: (wallMs: number) => string) {
    this.#format = format;
  }

  /** @param wallMs milliseconds since 1970, in any order; a jump only makes it slower */
  at(wallMs: number): string {
    // The first comparison is with NaN, which is never true: so the condition is negated as a whole.
    if (!(wallMs >= this.#startMs && wallMs < this.#startMs + 1000)) {
      this.#startMs = Math.floor(wallMs / 1000) * 1000;
      this.#text = this.#format(this.#startMs);
    }
    return this.#text;
  }
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10/Oct/2000:13:55:36 +0000`, in UTC, as in the Common Log Format. */
function formatClfSecond(wallMs: number): string {
  const date = new Date(wallMs);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const month = MONTHS[date.getUTCMonth()];
  return `${day}/${month}/${date.getUTCFullYear()}:${formatClockSecond(wallMs)} +0000`;
}

/** `13:55:36`, in UTC. */
function formatClockSecond(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(-13, -5);
}

/** `2000-10-10T13:55:36.`, in UTC: the text before the milliseconds. */
function formatIsoSecond(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, -4);
}
