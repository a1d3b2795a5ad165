// One line of the access log in each of its forms. Pure. Whatever a client sent is escaped here, so
// that it can neither forge a line nor reach a terminal as a control sequence.

export type LogLineFormat = "pretty" | "common" | "combined" | "json";

export interface LogEntry {
  readonly address: string;
  readonly wallMs: number;
  /** undefined when the request could not be read. */
  readonly method: string | undefined;
  readonly rawTarget: string | undefined;
  readonly minorVersion: 0 | 1 | undefined;
  readonly status: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  readonly threadIndex: number;
  /** False when the client left, or the file ended, before the whole answer was out. */
  readonly isComplete: boolean;
}

/** The line without its line break. */
export function formatLogLine(entry: LogEntry, format: LogLineFormat): string {
  switch (format) {
    case "common":
      return formatCommon(entry);
    case "combined":
      return `${formatCommon(entry)} "${field(entry.referer)}" "${field(entry.userAgent)}"`;
    case "json":
      return formatJson(entry);
    case "pretty":
      return formatPretty(entry);
  }
}

/** The Common Log Format: host ident user [time] "request" status bytes. */
function formatCommon(entry: LogEntry): string {
  const bytes = entry.bodyBytes === 0 ? "-" : entry.bodyBytes;
  return `${entry.address} - - [${formatClfTime(entry.wallMs)}] "${requestText(entry)}" ${entry.status} ${bytes}`;
}

function requestText(entry: LogEntry): string {
  if (entry.method === undefined) return "-";
  return escapeText(`${entry.method} ${entry.rawTarget} HTTP/1.${entry.minorVersion}`);
}

function formatJson(entry: LogEntry): string {
  const json = JSON.stringify({
    time: new Date(entry.wallMs).toISOString(),
    address: entry.address,
    method: entry.method ?? null,
    target: entry.rawTarget ?? null,
    status: entry.status,
    bytes: entry.bodyBytes,
    duration_ms: Math.round(entry.durationMs * 1000) / 1000,
    limited: entry.status === 429,
    complete: entry.isComplete,
    thread: entry.threadIndex,
    referer: entry.referer ?? null,
    user_agent: entry.userAgent ?? null,
  });
  // JSON leaves them as they are, and in UTF-8 U+009B begins a terminal's control sequence.
  return json.replaceAll(/[\x7f-\x9f]/g, (character) => `\\u00${formatByte(character)}`);
}

function formatPretty(entry: LogEntry): string {
  const time = new Date(entry.wallMs).toISOString().slice(11, 19);
  const request =
    entry.method === undefined ? "(unreadable)" : `${entry.method} ${entry.rawTarget}`;
  const cut = entry.isComplete ? "" : "  (cut short)";
  return `${time}  ${entry.status}  ${escapeText(request)}  ${entry.bodyBytes} B  ${entry.durationMs.toFixed(1)} ms  ${entry.address}${cut}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10/Oct/2000:13:55:36 +0000`, in UTC. */
function formatClfTime(wallMs: number): string {
  const date = new Date(wallMs);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const time = date.toISOString().slice(11, 19);
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}

function field(value: string | undefined): string {
  return value === undefined || value === "" ? "-" : escapeText(value);
}

/** Quotes, backslashes and everything outside visible ASCII as `\xHH`, as Apache and nginx do. */
function escapeText(text: string): string {
  return text.replaceAll(
    /[^\x20\x21\x23-\x5b\x5d-\x7e]/g,
    (character) => `\\x${formatByte(character)}`,
  );
}

/** Two hex digits. */
function formatByte(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, "0");
}
