// The lab's results as one HTML page: what each experiment asks, what theory expects, and what was
// measured, in words, plots and tables. Pure. Used by the lab command.

import { formatCount, formatPercent, formatSeconds } from "../../base/figure-text.ts";
import {
  escapeText,
  formatParagraph,
  formatReportPage,
  formatTiles,
  type Section,
} from "../../load/report/page.ts";
import type {
  ConcurrencyResult,
  CounterResult,
  ExperimentResult,
  LabResult,
  LimitResult,
} from "../result.ts";
import {
  formatContestPlot,
  formatCounterPlot,
  formatFormPlot,
  formatSeriesPlot,
  formatThroughputPlot,
} from "./plots.ts";
import { findTypicalPair, sortRuns } from "./tables.ts";
import { describeVerdict, listFaults } from "./text.ts";

/** The whole page, as one HTML document. */
export function formatLabPage(result: LabResult): string {
  const { machine, experiments, started, finished } = result;
  const contradicted = experiments.filter((experiment) => listFaults(experiment).length > 0);
  const outcome =
    contradicted.length === 0
      ? "All results agree with theory."
      : `Contradicted by what was measured: ${contradicted.map(({ name }) => name).join(", ")}.`;
  const spanMs = Date.parse(finished) - Date.parse(started);
  const names = experiments.map(({ name }) => name).join(", ");
  return formatReportPage({
    title: "weir lab",
    heading: "What weir claims, measured",
    leadHtml: [
      formatParagraph(outcome, "lead"),
      formatParagraph(
        `Experiments: ${names}. Carried out in ${formatSeconds(spanMs, 0)} on ${machine.cores} cores, ${machine.platform}, Node.js ${machine.node}. weir lab repeats them.`,
        "quiet",
      ),
      formatTiles(experiments.flatMap(listKeyFigures)),
    ].join("\n"),
    sections: experiments.map(makeSection),
    started,
  });
}

/** The figures that say most, two for each experiment. */
function listKeyFigures(result: ExperimentResult): [name: string, figure: string][] {
  switch (result.name) {
    case "concurrency": {
      const pair = findTypicalPair(result);
      if (pair === undefined) return [];
      const { serial, concurrent } = pair;
      return [
        [`${serial.requests} requests, one at a time`, formatSeconds(serial.totalMs)],
        [`${serial.requests} requests, together`, formatSeconds(concurrent.totalMs)],
      ];
    }
    case "counter": {
      const { races, hits } = sortRuns(result.runs);
      const worst = Math.max(...races.map(({ plain }) => plain.lost / plain.additions));
      return [
        ["lost by plain additions, at most", formatPercent(worst)],
        ["hits lost by weir", formatCount(hits.lost)],
      ];
    }
    case "limit": {
      const { burst, contest } = result;
      const passed = `${burst.admitted} of ${burst.sent}`;
      const polite = contest.kind === "measured" ? contest.clients : [];
      return [
        ["pass, all sent at once", passed],
        ...polite
          .filter(({ role }) => role === "polite")
          .map(({ refused, sent }): [string, string] => [
            "refused, of the polite client",
            `${refused} of ${sent}`,
          ]),
      ];
    }
  }
}

function makeSection(result: ExperimentResult): Section {
  return {
    id: result.name,
    title: TITLES[result.name],
    html: `${formatBody(result)}\n${formatVerdict(result)}`,
  };
}

const TITLES: Readonly<Record<ExperimentResult["name"], string>> = {
  concurrency: "One at a time, or together",
  counter: "Additions that get lost",
  limit: "Who may pass the limit",
};

function formatBody(result: ExperimentResult): string {
  switch (result.name) {
    case "concurrency":
      return formatConcurrency(result);
    case "counter":
      return formatCounter(result);
    case "limit":
      return formatLimit(result);
  }
}

function formatConcurrency(result: ConcurrencyResult): string {
  const work = formatSeconds(result.workMs, 1);
  const threads = result.forms.find(({ form }) => form === "concurrent")?.workers ?? 1;
  return [
    formatParagraph(
      `Each request means ${work} of simulated work, in which the server waits, as it would for a disk or a database. A server that takes one request at a time makes n requests wait for n × ${work} together. A server that takes them together is done after ${work}, however many there are, because waiting costs it nothing.`,
    ),
    formatParagraph(
      `Both forms are the same program: one thread that takes one request at a time, and ${threads} threads that take all. All requests are sent at once, each on its own connection.`,
    ),
    formatFormPlot(result),
    "<h3>What that means for the throughput</h3>",
    formatParagraph(
      `One at a time the server answers ${1000 / result.workMs} requests a second and never more. Together it answers more the more there are, until something other than waiting is the limit.`,
    ),
    formatThroughputPlot(result),
  ].join("\n");
}

function formatCounter(result: CounterResult): string {
  return [
    formatParagraph(
      "Threads add one to the same number, a million times each. Reading the number, adding one, and writing it back are three steps: what another thread counts in between is overwritten and lost. One thread alone loses nothing; the more threads, the more is lost. An atomic addition is one step that no other thread can come between.",
    ),
    formatCounterPlot(result),
    formatParagraph(
      "The last table shows weir's own counter of hits: requests over many connections to several server threads, counted by the server and read from its listing.",
    ),
  ].join("\n");
}

function formatLimit(result: LimitResult): string {
  const { limit, windowMs, contest } = result;
  const window = windowMs === 1000 ? "any second" : `any ${formatSeconds(windowMs, 0)}`;
  const intro = [
    formatParagraph(
      `At most ${limit} requests of one client are admitted in ${window}, wherever that second begins; the others get 429. Of ${result.burst.sent} requests at once, ${limit} pass. Requests ${formatSeconds(result.spaced.gapMs)} apart all pass. At the edge, milliseconds decide: ${formatSeconds(result.under.gapMs)} apart is just under the limit, and all pass; ${formatSeconds(result.over.gapMs)} apart is just over, and about every sixth is refused. A refused request does not extend the wait.`,
    ),
    formatSeriesPlot(result),
    "<h3>A spamming client next to a polite one</h3>",
  ];
  if (contest.kind === "skipped") return [...intro, formatParagraph(contest.reason)].join("\n");
  return [
    ...intro,
    formatParagraph(
      `The limit holds for each client by its address. One asks as fast as it can and is held to ${limit} in ${window}. The other keeps its distance at the same time and is never refused: it does not pay for its neighbour.`,
    ),
    formatContestPlot(contest.clients),
    formatParagraph(
      "Most in 1 s: admitted requests that were both sent and answered within one second, as the client saw it.",
      "quiet",
    ),
  ].join("\n");
}

function formatVerdict(result: ExperimentResult): string {
  const faults = listFaults(result);
  const lines = faults.length === 0 ? [describeVerdict(result)] : faults;
  const kind = faults.length === 0 ? "verdict" : "verdict contradicted";
  return `<p class="${kind}">${lines.map(escapeText).join("<br>")}</p>`;
}
