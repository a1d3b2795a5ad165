// `--fail-if`: conditions on the result of a load run, such as `p99>200ms`. The flag table reads them,
// the load command checks them and prints. Pure.
//
//   condition  = figure ( ">" | ">=" | "<" | "<=" ) value
//   figure     = "p" percent | "min" | "mean" | "max"                       value: a duration
//              | "rate" | "admitted-rate"                                   value: N/s
//              | "errors" | "refused" | "admitted" | "late" | "never-sent" | "odd"  value: N or N%
//              | "status:" code                                             value: N or N%

import { UsageError } from "../config/usage-error.ts";
import type { LatencySummary, LoadResult } from "./result.ts";

export interface Threshold {
  /** As typed. */
  readonly text: string;
  readonly figure: string;
  readonly operator: ">" | ">=" | "<" | "<=";
  /** In milliseconds, requests a second, percent or requests. */
  readonly value: number;
  readonly unit: "ms" | "/s" | "%" | "";
}

const UNIT_MS = { us: 0.001, ms: 1, s: 1000, m: 60_000 } as const;
const COUNTS = ["errors", "refused", "admitted", "late", "never-sent", "odd"];
const FORMS =
  "give a condition such as p99>200ms, max>=2s, errors>1%, status:500>0, refused>10% or rate<1000/s";

/** Several conditions are separated by commas or line breaks, which is how a repeated flag joins them. */
export function parseThresholds(text: string): readonly Threshold[] {
  return Object.freeze(text.split(/[,\n]/).map((part) => parseThreshold(part.trim())));
}

function parseThreshold(text: string): Threshold {
  const [, figure = "", operator, amount, unit = ""] =
    /^([a-z0-9:.-]+)\s*(>=?|<=?)\s*(\d+(?:\.\d+)?)(us|ms|s|m|%|\/s)?$/.exec(text) ?? [];
  if (operator === undefined || amount === undefined) throw new UsageError(FORMS);
  const base = { text, figure, operator: operator as Threshold["operator"] };
  if (isLatency(figure)) {
    if (!(unit in UNIT_MS)) throw new UsageError(`give a duration, such as ${figure}>200ms`);
    return { ...base, value: Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS], unit: "ms" };
  }
  if (figure === "rate" || figure === "admitted-rate") {
    if (unit !== "/s") throw new UsageError(`give requests a second, such as ${figure}<1000/s`);
    return { ...base, value: Number(amount), unit };
  }
  if (!COUNTS.includes(figure) && !/^status:[1-9]\d\d$/.test(figure)) throw new UsageError(FORMS);
  if (unit !== "%" && (unit !== "" || amount.includes("."))) {
    throw new UsageError(`give requests or a share of them, such as ${figure}>5 or ${figure}>1%`);
  }
  return { ...base, value: Number(amount), unit };
}

function isLatency(figure: string): boolean {
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(figure)?.[1];
  if (percent !== undefined) return Number(percent) <= 100;
  return ["min", "mean", "max"].includes(figure);
}

/**
 * One line for each condition that is true: `p99>200ms: it was 312.50 ms`. Latencies of an open run count
 * from when a request was due. Without any answer every condition on a latency is true.
 */
export function findMissed(thresholds: readonly Threshold[], result: LoadResult): string[] {
  return thresholds.flatMap((threshold) => {
    const actual = readFigure(threshold, result);
    if (actual === undefined) return `${threshold.text}: there was no answer`;
    if (!compare(actual, threshold)) return [];
    const shown = threshold.unit === "" ? String(actual) : actual.toFixed(2);
    return `${threshold.text}: it was ${shown}${threshold.unit === "ms" ? " ms" : threshold.unit}`;
  });
}

function compare(actual: number, { operator, value }: Threshold): boolean {
  switch (operator) {
    case ">":
      return actual > value;
    case ">=":
      return actual >= value;
    case "<":
      return actual < value;
    case "<=":
      return actual <= value;
  }
}

function readFigure({ figure, unit }: Threshold, result: LoadResult): number | undefined {
  if (unit === "ms") {
    const summary = (result.latencyFromDueMs ?? result.latencyMs).all;
    return summary && readLatency(figure, summary);
  }
  if (unit === "/s") return figure === "rate" ? result.rate.achieved : result.rate.admitted;
  const count = readCount(figure, result);
  if (unit !== "%") return count;
  // Requests that were never sent are not among the finished ones.
  const whole = figure === "never-sent" ? result.total + result.neverSent : result.total;
  return whole === 0 ? 0 : (count * 100) / whole;
}

function readCount(figure: string, result: LoadResult): number {
  switch (figure) {
    case "errors":
      return result.failed;
    case "refused":
      return result.refused;
    case "admitted":
      return result.admitted;
    case "late":
      return result.late;
    case "never-sent":
      return result.neverSent;
    case "odd":
      return result.oddAnswers.count;
    default:
      return result.byStatus[figure.slice("status:".length)] ?? 0;
  }
}

function readLatency(figure: string, summary: LatencySummary): number {
  if (figure === "min" || figure === "mean" || figure === "max") return summary[figure];
  const rank = Math.max(1, Math.ceil((Number(figure.slice(1)) * summary.count) / 100));
  let below = 0;
  for (const { fromMs, toMs, count } of summary.buckets) {
    below += count;
    const middleMs = (fromMs + toMs) / 2;
    if (below >= rank) return Math.min(Math.max(middleMs, summary.min), summary.max);
  }
  return summary.max;
}
