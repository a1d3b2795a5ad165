// A load result as JSON for machines and for `weir compare`; docs/LOAD-RESULT.md tells each field. The
// schema's number rises when a field changes its meaning or goes away; new fields may come at any
// time. Pure.

import type { LoadResult } from "../load/load-result.ts";

/** Indented, with a newline at its end. */
export function formatLoadJson(result: LoadResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}
