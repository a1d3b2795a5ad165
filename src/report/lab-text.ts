// The lab's experiments for a person: for each a heading, a table, and what it shows beside what
// theory expects, in at most 80 columns. Pure. Used by the lab command.

import { styleText } from "node:util";
import type { Check } from "../lab/check.ts";
import type {
  ConcurrencyResult,
  ContestClient,
  CounterResult,
  ExperimentResult,
  LimitCounts,
  LimitResult,
} from "../lab/lab-result.ts";
import { formatTable } from "./text-table.ts";

const columnCount = 80;

export interface LabTextStyle {
  readonly isColored: boolean;
}

/** Ends with a newline. */
export function formatExperiment(result: ExperimentResult, { isColored }: LabTextStyle): string {
  const failed = result.checks.filter(({ holds }) => !holds);
  const sentence = formatConclusion(failed.length === 0 ? "✓" : "✗", expectationOf(result));
  const faults = failed.flatMap((check) => formatConclusion("✗", formatFault(check)));
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
    case "concurrency": {
      const { forms, workMs } = result;
      return `Concurrency: ${forms[0]?.requests} requests at once, ${workMs / 1000} s of work each`;
    }
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
  return formatTable([
    ["form", "threads", "requests", "successful", "total time", "theory", "successful/s"],
    ...forms.map((run) => [
      run.form,
      formatCount(run.workers),
      formatCount(run.requests),
      formatCount(run.successful),
      formatSeconds(run.totalMs, 2),
      formatSeconds(run.theoryMs, 1),
      run.successfulPerSecond.toFixed(2),
    ]),
  ]);
}

function tableOfCounters({ runs }: CounterResult): string[] {
  return formatTable([
    ["form", "threads", "additions", "counted", "lost"],
    ...runs.map(({ form, threads, additions, counted, lost }) => [
      form,
      ...[threads, additions, counted, lost].map(formatCount),
    ]),
  ]);
}

function tableOfLimit({ burst, spaced, contest }: LimitResult): string[] {
  const row = (name: string, counts: LimitCounts): string[] => [
    name,
    ...[counts.sent, counts.admitted, counts.refused, counts.failed].map(formatCount),
    formatSeconds(counts.durationMs, 2),
  ];
  const series = formatTable([
    ["one client", "sent", "admitted", "refused", "failed", "total time"],
    row("all at once", burst),
    row(`${formatSeconds(spaced.gapMs, 2)} apart`, spaced),
  ]);
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

/** One sentence or two: what theory expects, and what this run shows. */
function expectationOf(result: ExperimentResult): string {
  switch (result.name) {
    case "concurrency":
      return expectationOfForms(result);
    case "counter":
      return expectationOfCounters(result);
    case "limit":
      return expectationOfLimit(result);
  }
}

function expectationOfForms({ forms, workMs, slackMs }: ConcurrencyResult): string {
  const [serial, concurrent] = forms;
  if (serial === undefined || concurrent === undefined) return "";
  const work = formatSeconds(workMs, 1);
  const factor = (serial.totalMs / concurrent.totalMs).toFixed(1);
  return (
    `Expected: ${serial.requests} × ${work} = ${formatSeconds(serial.theoryMs, 1)} one at a time ` +
    `and ${formatSeconds(concurrent.theoryMs, 1)} together, at most ${formatSeconds(slackMs, 1)} ` +
    `more each. The concurrent form was done ${factor} times as fast.`
  );
}

function expectationOfCounters({ runs, connections }: CounterResult): string {
  const [plain] = runs;
  const lostPercent = plain === undefined ? 0 : (plain.lost * 100) / plain.additions;
  const shown =
    lostPercent === 0
      ? "This run of the plain form lost none, which is luck and no proof: run it again."
      : `Here the plain form lost ${lostPercent.toFixed(1)} %.`;
  return (
    "Expected: a plain read and write loses what others count in between; an atomic addition " +
    `loses nothing, and neither does weir, whose hits came over ${connections} connections. ${shown}`
  );
}

function expectationOfLimit({ limit, burst, contest }: LimitResult): string {
  const passing =
    burst.admittedMax === limit
      ? `${limit} of ${burst.sent} at once pass`
      : `at most ${burst.admittedMax} of ${burst.sent} pass, as they took longer than a second`;
  const alone = `Expected: ${passing}, and all that keep their distance`;
  if (contest.kind === "skipped") return `${alone}.`;
  return (
    `${alone}. A client that spams is held to ${limit} in any second; the polite one beside it ` +
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

/** Lines with a mark before the first and room for it before the others. */
function formatConclusion(mark: "✓" | "✗", text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columnCount - 4) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((part, index) => `  ${index === 0 ? mark : " "} ${part}`);
}

function colorMark(line: string): string {
  return line.replace(/^ {2}[✓✗]/, (mark) =>
    styleText(mark.endsWith("✓") ? "green" : "red", mark, { validateStream: false }),
  );
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

function formatSeconds(durationMs: number, fractionDigits: number): string {
  return `${(durationMs / 1000).toFixed(fractionDigits)} s`;
}
