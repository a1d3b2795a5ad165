// Hits in a file that people and other programs read: as JSON or as CSV, with percent-encoded paths. Pure.
// Written by `weir hits export`, read by `weir hits import`.
//
//   JSON  {"format": "weir-hits", "version": 1, "exported": TIME, "source": TEXT,
//          "hits": [{"path": "/a%20b.txt", "hits": 3}, …]}
//   CSV   RFC 4180: the line `path,hits`, then one for each file

import { formatCsvLine, parseCsv } from "./csv-text.ts";
import type { HitTotal } from "./hit-store.ts";
import { decodePath, encodePath } from "./path-text.ts";

export type HitFormat = "json" | "csv";

export interface DocumentFacts {
  /** Where the hits were: a folder, or a store without its password. */
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

/** What a document holds, or in a phrase why it cannot be read. */
export type HitReading =
  | { readonly kind: "hits"; readonly hits: readonly HitTotal[] }
  | { readonly kind: "invalid"; readonly why: string };

/** The form is told by the first character. */
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
    if (totalByPath.has(decoded)) return fail("this path stands there twice");
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
