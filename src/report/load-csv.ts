// The seconds of a load run as CSV (RFC 4180, with line feeds), for spreadsheets. Pure.

import type { LoadResult, SecondCounts } from "../load/load-result.ts";

const columns: readonly (readonly [
  name: string,
  read: (second: SecondCounts) => number | undefined,
])[] = [
  ["second", ({ second }) => second],
  ["due", ({ due }) => due],
  ["admitted", ({ admitted }) => admitted],
  ["refused", ({ refused }) => refused],
  ["failed", ({ failed }) => failed],
  ["body_bytes", ({ bodyBytes }) => bodyBytes],
  ["p50_ms", ({ p50Ms }) => p50Ms],
  ["p99_ms", ({ p99Ms }) => p99Ms],
];

/** A line of names, then one for each second of the run; a cell is empty where nothing was measured. */
export function formatLoadCsv({ seconds }: LoadResult): string {
  const lines = seconds.map((second) => columns.map(([, read]) => read(second) ?? "").join(","));
  return [columns.map(([name]) => name).join(","), ...lines].map((line) => `${line}\n`).join("");
}
