// The format of exported hits: a JSON or CSV file that people and other programs read, with each path as
// text that survives any program. Pure. `weir hits export` writes such files and `weir hits import` reads
// them. The store of a fleet has its paths in the same form.
//
//   JSON  {"format": "weir-hits", "version": 1, "exported": TIME, "source": TEXT,
//          "hits": [{"path": "/a%20b.txt", "hits": 3}, …]}
//   CSV   RFC 4180: the line `path,hits`, then one line for each file

import { percentEncodeSegment } from "../http/url.ts";
import type { HitTotal } from "./ledger.ts";

export type HitFormat = "json" | "csv";

/** `add` adds the hits of each document once. `least` raises totals to those of the document. */
export type ImportMode = "add" | "least";

export interface DocumentFacts {
  /** Where the hits come from: a folder, or the URL of a store without its password. */
  readonly source: string;
  readonly exportedMs: number;
}

const FORMAT = "weir-hits";
const VERSION = 1;
const CSV_NAMES = ["path", "hits"];

/** Sorted by path, so that two exports can be compared line by line. */
export function formatHits(
  format: HitFormat,
  hits: readonly HitTotal[],
  { source, exportedMs }: DocumentFacts,
): string {
  const entries = hits
    .map(({ path, total }) => ({ path: encodePath(path), hits: total }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (format === "csv") {
    const lines = entries.map((entry) => formatCsvLine([entry.path, String(entry.hits)]));
    return [formatCsvLine(CSV_NAMES), ...lines].join("");
  }
  const head = JSON.stringify({
    format: FORMAT,
    version: VERSION,
    exported: new Date(exportedMs).toISOString(),
    source,
  });
  const lines = entries.map((entry) => `\n${JSON.stringify(entry)}`).join(",");
  return `${head.slice(0, -1)},"hits":[${lines}\n]}\n`;
}

/** The hits of a document, or a phrase that says why it cannot be read. */
export type HitReading =
  | { readonly kind: "hits"; readonly hits: readonly HitTotal[] }
  | { readonly kind: "invalid"; readonly why: string };

/** The first character decides whether it is JSON or CSV. */
export function parseHits(text: string): HitReading {
  const rows = /^\s*\{/.test(text) ? readJsonRows(text) : readCsvRows(text);
  if (typeof rows === "string") return { kind: "invalid", why: rows };
  const totalByPath = new Map<string, number>();
  for (const { where, path, hits } of rows) {
    const fail = (why: string): HitReading => ({ kind: "invalid", why: `${where}: ${why}` });
    if (typeof path !== "string" || !path.startsWith("/"))
      return fail("a path begins with a slash");
    if (!Number.isSafeInteger(hits) || Number(hits) < 0) return fail("hits are a whole number");
    const decoded = decodePath(path);
    if (totalByPath.has(decoded)) return fail("this path is there twice");
    totalByPath.set(decoded, Number(hits));
  }
  return { kind: "hits", hits: [...totalByPath].map(([path, total]) => ({ path, total })) };
}

interface Row {
  /** `line 3`, or `entry 3`. */
  readonly where: string;
  readonly path: unknown;
  readonly hits: unknown;
}

function readJsonRows(text: string): Row[] | string {
  let document: { format?: unknown; version?: unknown; hits?: unknown };
  try {
    document = JSON.parse(text);
  } catch (error) {
    return `it is no JSON (${(error as Error).message.split("\n", 1)[0]})`;
  }
  if (document.format !== FORMAT || !Array.isArray(document.hits)) {
    return `it is no export of hits ("format": "${FORMAT}")`;
  }
  if (document.version !== VERSION) return `it is of version ${document.version}, not ${VERSION}`;
  return document.hits.map((entry: Partial<Row> | null, index) => ({
    where: `entry ${index + 1}`,
    path: entry?.path,
    hits: entry?.hits,
  }));
}

function readCsvRows(text: string): Row[] | string {
  const lines = parseCsv(text);
  if (lines === undefined) return "a quotation mark is not closed";
  const [names, ...rest] = lines;
  const isHits = CSV_NAMES.every((name, column) => names?.fields[column]?.trim() === name);
  if (!isHits) return `it is neither JSON nor a CSV that begins with ${CSV_NAMES.join(",")}`;
  return rest.map(({ lineNumber, fields: [path, hits = ""] }) => ({
    where: `line ${lineNumber}`,
    path,
    hits: /^\s*\d+\s*$/.test(hits) ? Number(hits) : undefined,
  }));
}

/**
 * A path in percent-encoding, as in a URL: commas, line breaks and bytes that are not UTF-8 become ASCII.
 * @param path one character for each byte (Latin-1), as in the ledger
 */
export function encodePath(path: string): string {
  return path.split("/").map(percentEncodeSegment).join("/");
}

/** The path that a text means, one character for each byte. Characters beyond ASCII are taken as UTF-8. */
export function decodePath(text: string): string {
  // A person who writes such a file by hand writes names as a listing shows them, and a lone % as it is.
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  const bytes = isAscii ? text : Buffer.from(text).toString("latin1");
  return bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

// CSV (RFC 4180): fields in quotation marks may contain commas, line breaks and doubled quotation marks.

export interface CsvLine {
  /** The number of the line with its first character, from 1. */
  readonly lineNumber: number;
  readonly fields: readonly string[];
}

/** Spreadsheets write it at the start of a file. */
const BYTE_ORDER_MARK = "\ufeff";

/** One line, with its end. */
export function formatCsvLine(fields: readonly string[]): string {
  return `${fields.map(formatCsvField).join(",")}\r\n`;
}

function formatCsvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The lines that are not empty; undefined when a quotation mark is not closed. */
export function parseCsv(text: string): CsvLine[] | undefined {
  const content = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const lines: CsvLine[] = [];
  let fields: string[] = [];
  let lineNumber = 1;
  let firstLineNumber = 1;
  const piece = /"((?:[^"]|"")*)"|([^,\r\n"]*)/y;
  for (let at = 0; at < content.length; ) {
    piece.lastIndex = at;
    const match = piece.exec(content);
    const [whole = "", quoted, plain = ""] = match ?? [];
    at += whole.length;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    lineNumber += whole.split("\n").length - 1;
    const end = /\r\n|[\r\n]|,|$/y;
    end.lastIndex = at;
    const separator = end.exec(content)?.[0];
    // No separator: there is a quotation mark in the middle of a field, or behind its end.
    if (separator === undefined) return undefined;
    at += separator.length;
    if (separator === ",") {
      if (at === content.length) fields.push("");
      else continue;
    }
    if (fields.length > 1 || fields[0] !== "") lines.push({ lineNumber: firstLineNumber, fields });
    fields = [];
    lineNumber++;
    firstLineNumber = lineNumber;
  }
  return lines;
}
