// Compares what a proxy says it has sent with what weir says it has answered. Pure; the test of the
// counts prints what differs.

import type { JsonLine } from "../fixtures/log-lines.ts";
import type { SentRequest } from "./proxy-config.ts";

export interface CountComparison {
  /** Requests that weir read and the proxy did not send: what smuggling would look like. */
  readonly unsent: readonly string[];
  /** Requests that the proxy sent and weir does not name: read by nobody, or never arrived. */
  readonly unnamed: readonly string[];
  readonly answeredCount: number;
  /** Sent for certain, and sent or answered by the proxy itself. */
  readonly sentMin: number;
  readonly sentMax: number;
}

export function compareCounts(
  sent: readonly SentRequest[],
  answered: readonly JsonLine[],
): CountComparison {
  const left = new Map<string, number>();
  for (const { method, target } of sent) {
    const key = `${method} ${normalForm(target)}`;
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const unsent: string[] = [];
  for (const { method, target } of answered) {
    // What weir could not read has no target; it counts in the sum only.
    if (method === null || target === null) continue;
    const key = `${method} ${normalForm(target)}`;
    const count = left.get(key) ?? 0;
    if (count === 0) unsent.push(key);
    else left.set(key, count - 1);
  }
  const unnamed = Array.from(left).flatMap(([key, count]) => Array<string>(count).fill(key));
  return {
    unsent,
    unnamed,
    answeredCount: answered.length,
    sentMin: sent.filter(({ isCertain }) => isCertain).length,
    sentMax: sent.length,
  };
}

/**
 * Proxies differ in how they write a target down, and Caddy in how it sends it: absolute or not, escaped
 * or not, and bytes that are no text each in their own way.
 */
function normalForm(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, "") || "/";
  const bytes = path.replaceAll(/%[\da-f]{2}/gi, (triplet) =>
    String.fromCharCode(Number.parseInt(triplet.slice(1), 16)),
  );
  return bytes.replaceAll(/[^\x21-\x7e]+/g, "?").replaceAll("\\\\", "\\");
}
