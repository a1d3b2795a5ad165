// What a run of tests came to, for its end: what failed, what was skipped and why, what was left out and how
// to run it, and the totals, in the lines of node's own runner and in one line of words. Pure.

import { formatFailures } from "./progress.ts";
import type { RunArguments } from "./run-arguments.ts";
import type { BatchResult } from "./run-batch.ts";
import type { TestResult } from "./test-message.ts";

export interface RunFacts {
  readonly leftOut: readonly string[];
  readonly durationMs: number;
  /** Somebody ended it before its end. */
  readonly isStopped: boolean;
  readonly options: Pick<RunArguments, "selection" | "name">;
}

interface Totals {
  readonly passed: number;
  /** Tests that failed, and processes that did. */
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
  readonly suites: number;
}

/** A run of nothing has not passed. */
export function outcomeOf(results: readonly BatchResult[]): "passed" | "failed" | "nothing" {
  const { passed, failed } = countTotals(results);
  if (failed > 0) return "failed";
  return passed > 0 ? "passed" : "nothing";
}

function countTotals(results: readonly BatchResult[]): Totals {
  const tests = results.flatMap((result) => result.tests);
  const count = (isCounted: (test: TestResult) => boolean): number =>
    tests.filter(isCounted).length;
  return {
    passed: count(({ outcome }) => outcome === "passed"),
    failed:
      count(({ outcome }) => outcome === "failed") +
      results.filter(({ failure }) => failure !== undefined).length,
    cancelled: count(({ isCancelled }) => isCancelled),
    skipped: count(({ outcome }) => outcome === "skipped"),
    todo: count(({ outcome }) => outcome === "todo"),
    suites: results.reduce((sum, { suiteCount }) => sum + suiteCount, 0),
  };
}

export function formatSummary(results: readonly BatchResult[], facts: RunFacts): string {
  const failures = results.map(formatFailures).join("");
  const parts = [
    failures === "" ? "" : `\nWhat failed:\n\n${failures}`,
    formatSkipped(results),
    formatLeftOut(facts),
    outcomeOf(results) === "nothing" ? formatNothing(facts) : "",
    facts.isStopped ? "\nThe run was stopped before its end.\n" : "",
    formatTotals(countTotals(results), facts.durationMs),
  ];
  return parts.join("");
}

/** By reason, for one program that is not there makes many tests skip. */
function formatSkipped(results: readonly BatchResult[]): string {
  const skipped = results
    .flatMap(({ tests }) => tests)
    .filter(({ outcome }) => outcome === "skipped");
  if (skipped.length === 0) return "";
  const lines = [...Map.groupBy(skipped, ({ reason }) => reason)].map(([reason, tests]) => {
    const files = [...new Set(tests.map(({ file }) => file))].join(", ");
    return `  ${tests.length} of ${files}: ${reason}\n`;
  });
  return `\nSkipped:\n${lines.join("")}`;
}

function formatLeftOut({ leftOut, options }: RunFacts): string {
  if (leftOut.length === 0 || options.selection === "all") return "";
  const lines = leftOut.map((file) => `  ${file}\n`).join("");
  if (options.selection === "full") {
    return `\nLeft out: the ${leftOut.length} files of npm test.\n`;
  }
  return (
    "\nLeft out, because they need other programs or take long " +
    `(npm run test:full runs them, npm test -- FILE one of them):\n${lines}`
  );
}

function formatNothing({ options }: RunFacts): string {
  const what = options.name === undefined ? "" : ` with "${options.name}" in its name`;
  return `\nNo test${what} was run.\n`;
}

function formatTotals(totals: Totals, durationMs: number): string {
  const { passed, failed, cancelled, skipped, todo, suites } = totals;
  const counts = {
    tests: passed + failed + skipped + todo,
    suites,
    pass: passed,
    fail: failed - cancelled,
    cancelled,
    skipped,
    todo,
    duration_ms: Math.round(durationMs),
  };
  const lines = Object.entries(counts).map(([name, count]) => `ℹ ${name} ${count}\n`);
  return `\n${lines.join("")}\n${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
