// The lab's experiments as text for a person, in at most 80 columns: for each a heading, a table, and
// what it shows compared with what theory expects. And as JSON for programs: the number of the schema
// rises when a field changes its meaning or disappears; new fields may come at any time. Pure.

import { styleText } from "node:util";
import {
  formatCount,
  formatPercent,
  formatSeconds,
  formatTable,
  wrapText,
} from "../../base/figure-text.ts";
import type {
  Check,
  ConcurrencyResult,
  ContestClient,
  CounterResult,
  ExperimentResult,
  LabResult,
  LimitResult,
} from "../result.ts";
import { findTypicalPair, listRaceRows, listSeries, pairForms, sortRuns } from "./tables.ts";

const COLUMN_COUNT = 80;

interface LabTextStyle {
  readonly isColored: boolean;
}

/** Ends with a newline. */
export function formatExperiment(result: ExperimentResult, { isColored }: LabTextStyle): string {
  const failed = listFaults(result);
  const sentence = formatConclusion(failed.length === 0 ? "✓" : "✗", describeVerdict(result));
  const faults = failed.flatMap((fault) => formatConclusion("✗", fault));
  const paint = (line: string): string => (isColored ? colorMark(line) : line);
  const heading = headingOf(result);
  const lines = [
    isColored ? styleText("bold", heading, { validateStream: false }) : heading,
    ...tableOf(result),
    ...[...sentence, ...faults].map(paint),
  ];
  return `${lines.join("\n")}\n`;
}

function headingOf(result: ExperimentResult): string {
  switch (result.name) {
    case "concurrency":
      return `Concurrency: requests that come at once, ${result.workMs / 1000} s of work each`;
    case "counter":
      return "Counter: threads that add to one number at the same time";
    case "limit":
      return `Limit: ${result.limit} requests of one client in any ${formatSeconds(result.windowMs, 0)}`;
  }
}

function tableOf(result: ExperimentResult): string[] {
  switch (result.name) {
    case "concurrency":
      return tableOfForms(result);
    case "counter":
      return tableOfCounters(result);
    case "limit":
      return tableOfLimit(result);
  }
}

function tableOfForms({ forms }: ConcurrencyResult): string[] {
  const rows = pairForms(forms).map(({ serial, concurrent }) => [
    formatCount(serial.requests),
    ...[serial, concurrent].flatMap((run) => [
      formatSeconds(run.totalMs, 2),
      formatSeconds(run.theoryMs, 1),
      run.successfulPerSecond.toFixed(1),
    ]),
    (serial.totalMs / concurrent.totalMs).toFixed(1),
  ]);
  const heads = [
    "requests",
    "one at a time",
    "theory",
    "/s",
    "concurrent",
    "theory",
    "/s",
    "faster",
  ];
  return [
    ...formatTable([heads, ...rows]),
    "  /s: successful requests a second; faster: so many times as fast together",
  ];
}

function tableOfCounters({ runs, connections }: CounterResult): string[] {
  const { races, hits } = sortRuns(runs);
  const rows = listRaceRows(races);
  const heads = ["threads", "additions", "plain: lost", "share", "atomic: lost"];
  const sent = `${formatCount(hits.additions)} from ${connections} connections`;
  return [
    ...formatTable([heads, ...rows]),
    `  ${hits.form}: ${sent}, counted ${formatCount(hits.counted)}, lost ${formatCount(hits.lost)}`,
  ];
}

function tableOfLimit(result: LimitResult): string[] {
  const rows = listSeries(result).map(({ name, series }) => [
    name,
    ...[series.sent, series.admitted, series.theoryAdmitted, series.refused, series.failed].map(
      formatCount,
    ),
    formatSeconds(series.durationMs, 2),
  ]);
  const heads = ["one client", "sent", "admitted", "theory", "refused", "failed", "total time"];
  const series = formatTable([heads, ...rows]);
  const { contest } = result;
  if (contest.kind === "skipped") return [...series, "", `  two clients: ${contest.reason}`];
  return [...series, "", ...tableOfContest(contest.clients)];
}

function tableOfContest(clients: readonly ContestClient[]): string[] {
  return formatTable([
    ["two clients", "address", "sent", "admitted/s", "refused/s", "most in 1 s *"],
    ...clients.map((client) => [
      client.role,
      client.address,
      formatCount(client.sent),
      client.admittedPerSecond.toFixed(1),
      client.refusedPerSecond.toFixed(1),
      formatCount(client.admittedWithinWindowMax),
    ]),
  ]).concat("  * admitted requests that were both sent and answered within one second");
}

/** A sentence for each check that does not hold. */
export function listFaults({ checks }: ExperimentResult): string[] {
  return checks.filter(({ holds }) => !holds).map(formatFault);
}

/** One or two sentences: what theory expects, and what this run shows. */
export function describeVerdict(result: ExperimentResult): string {
  switch (result.name) {
    case "concurrency":
      return expectationOfForms(result);
    case "counter":
      return expectationOfCounters(result);
    case "limit":
      return expectationOfLimit(result);
  }
}

function expectationOfForms(result: ConcurrencyResult): string {
  const { workMs, slackMs, slackShare } = result;
  const pair = findTypicalPair(result);
  if (pair === undefined) return "";
  const { serial, concurrent } = pair;
  const work = formatSeconds(workMs, 1);
  return (
    `Expected: ${serial.requests} × ${work} = ${formatSeconds(serial.theoryMs, 1)} one at a time ` +
    `and ${formatSeconds(concurrent.theoryMs, 1)} together, and so on; at most ` +
    `${formatSeconds(slackMs, 1)} and ${formatPercent(slackShare)} more each.`
  );
}

function expectationOfCounters({ runs }: CounterResult): string {
  const worst = Math.max(...sortRuns(runs).races.map(({ plain }) => plain.lost / plain.additions));
  const shown =
    worst === 0
      ? "This run of the plain form lost none, which is luck and no proof: run it again."
      : `Here the plain form lost up to ${formatPercent(worst)}.`;
  return (
    "Expected: a plain read and write loses what others count in between; an atomic addition " +
    `loses nothing, and neither does weir. ${shown}`
  );
}

function expectationOfLimit({ limit, burst, contest }: LimitResult): string {
  const passing =
    burst.admittedMax === limit
      ? `${limit} of ${burst.sent} at once pass`
      : `at most ${burst.admittedMax} of ${burst.sent} pass, as they took longer than a second`;
  const alone = `Expected: ${passing}; all that keep their distance; not all that come a bit sooner`;
  if (contest.kind === "skipped") return `${alone}.`;
  return (
    `${alone}. A client that spams is held to ${limit} in any second; the polite one next to it ` +
    "is never refused."
  );
}

function formatFault({ what, measured, atLeast, atMost }: Check): string {
  const bounds = [];
  if (atLeast !== undefined && atLeast === atMost) bounds.push(formatCount(atLeast));
  else {
    if (atLeast !== undefined) bounds.push(`at least ${formatCount(atLeast)}`);
    if (atMost !== undefined) bounds.push(`at most ${formatCount(atMost)}`);
  }
  return `Contradicted: ${what}: ${formatCount(measured)}, expected ${bounds.join(" and ")}`;
}

/** The first line begins with the mark, the others with spaces of the same width. */
function formatConclusion(mark: "✓" | "✗", text: string): string[] {
  const lines = wrapText(text, COLUMN_COUNT - 4);
  return lines.map((line, index) => `  ${index === 0 ? mark : " "} ${line}`);
}

function colorMark(line: string): string {
  return line.replace(/^ {2}[✓✗]/, (mark) =>
    styleText(mark.endsWith("✓") ? "green" : "red", mark, { validateStream: false }),
  );
}

const LAB_SCHEMA = "weir-lab/1";

/** Indented, with a newline at its end; the experiments by name. */
export function formatLabJson({ experiments, ...facts }: LabResult): string {
  const byName = Object.fromEntries(
    experiments.map(({ name, ...result }): [string, unknown] => [name, result]),
  );
  const value = { schema: LAB_SCHEMA, ...facts, experiments: byName };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
