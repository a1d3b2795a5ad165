// The access log's lines as one would write them without a thought for speed, to compare with: a Date
// for each, JSON.stringify for an object, and a look at every character.

import type { LogEntry, LogLineFormat } from "../../src/log/line.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function formatPlainly(entry: LogEntry, format: LogLineFormat): string {
  const { address, status, bodyBytes, method, rawTarget, protocol } = entry;
  const time = new Date(entry.wallMs).toISOString();
  if (format === "json") return formatJson(entry, time);
  const clock = time.slice(11, 19);
  if (format === "pretty") {
    const request = method === undefined ? "(unreadable)" : `${method} ${rawTarget}`;
    const cut = entry.isComplete ? "" : "  (cut short)";
    return `${clock}  ${status}  ${escapePlainly(request)}  ${bodyBytes} B  ${entry.durationMs.toFixed(1)} ms  ${address}${cut}`;
  }
  const [year, month, day] = time.slice(0, 10).split("-");
  const date = `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`;
  const request = method === undefined ? "-" : escapePlainly(`${method} ${rawTarget} ${protocol}`);
  const common = `${address} - - [${date}] "${request}" ${status} ${bodyBytes || "-"}`;
  if (format === "common") return common;
  const quoted = [entry.referer, entry.userAgent].map((value) => escapePlainly(value || "-"));
  return `${common} "${quoted[0]}" "${quoted[1]}"`;
}

function formatJson(entry: LogEntry, time: string): string {
  const json = JSON.stringify({
    time,
    address: entry.address,
    method: entry.method ?? null,
    target: entry.rawTarget ?? null,
    status: entry.status,
    bytes: entry.bodyBytes,
    duration_ms: Math.round(entry.durationMs * 1000) / 1000,
    limit: entry.limit,
    limit_remaining: entry.limitRemaining ?? null,
    complete: entry.isComplete,
    thread: entry.threadIndex,
    referer: entry.referer ?? null,
    user_agent: entry.userAgent ?? null,
  });
  return Array.from({ length: json.length }, (_, index) => {
    const code = json.charCodeAt(index);
    return code > 0x7e ? `\\u${code.toString(16).padStart(4, "0")}` : json[index];
  }).join("");
}

function escapePlainly(text: string): string {
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const isPlain = code >= 0x20 && code <= 0x7e && character !== '"' && character !== "\\";
    return isPlain ? character : `\\x${code.toString(16).padStart(2, "0")}`;
  }).join("");
}
