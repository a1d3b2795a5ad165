// A load result as JSON for machines and for `weir compare`. The schema's number rises when a field
// changes its meaning or goes away; new fields may come at any time. Pure.

import type { LoadResult } from "../load/load-result.ts";

export const loadSchema = "weir-load/1";

/** Indented, with a newline at its end. */
export function formatLoadJson(result: LoadResult): string {
  return `${JSON.stringify({ schema: loadSchema, ...result }, undefined, 2)}\n`;
}
