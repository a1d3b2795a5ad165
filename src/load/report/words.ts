// The words for the parts of a load result. The text and the page use the same ones.
// Pure.

import {
  formatCount,
  formatCounted,
  formatMs,
  formatRate,
  formatSeconds,
} from "../../base/figure-text.ts";
import type { FailureReason } from "../request-outcome.ts";
import type { OddityKind } from "../response-head.ts";
import type { LoadPlan, LoadResult, LoadStage } from "../result.ts";

/** What each reason of a failure means. */
export const REASON_TEXTS: Readonly<Record<FailureReason, string>> = {
  refused: "nothing listens there",
  unreachable: "the server cannot be reached",
  "closed-early": "the server closed before the answer was complete",
  reset: "the server reset the connection",
  garbage: "the answer is not valid HTTP/1.1",
  "timed-out": "no complete answer in time",
  "wrong-length": "the body does not have the announced length",
  tls: "no secure connection could be made",
  "no-ports": "this machine has no free port left",
  "no-descriptors": "this process has too many open files",
  "host-unknown": "the host name is not known",
  "source-unknown": "not an address of this machine",
};

/** What each kind of odd answer is. */
const ODDITY_TEXTS: Readonly<Record<OddityKind, string>> = {
  "status-line": "the status line has a blank too few or too many, or HTTP in lower case",
  "line-end": "lines end in LF alone",
  "repeated-length": "the same Content-Length appears several times",
  "folded-field": "a header field continues on the next line",
  "space-before-colon": "a header field has a space before its colon",
  "blank-line": "there are empty lines between answers",
};

/** Rows with a kind, the number of answers, and what the kind is; none when no answer was odd. */
export function listOddAnswers({
  oddAnswers,
}: LoadResult): readonly (readonly [kind: OddityKind, count: number, text: string])[] {
  return Object.entries(oddAnswers.byKind).map(([name, count]) => {
    const kind = name as OddityKind;
    return [kind, count, ODDITY_TEXTS[kind]];
  });
}

/** `GET http://…/`, and how many other URLs there are, if any. */
export function describeTarget({ method, urls }: LoadPlan): string {
  const others = urls.length > 1 ? ` and ${formatCounted(urls.length - 1, "other URL")}` : "";
  return `${method} ${urls[0]}${others}`;
}

/** The plan in one line: `200 requests, 10 connections`. */
export function describePlan(plan: LoadPlan): string {
  const { requests, durationMs, connections, keepAlive, model, delayMs, threads } = plan;
  const parts = [
    requests !== undefined && formatCounted(requests, "request"),
    durationMs !== undefined && `for ${formatPlainSeconds(durationMs)}`,
    model.kind === "open" && `due at ${model.stages.map(describeStage).join(", then ")}`,
    keepAlive ? formatCounted(connections, "connection") : `up to ${connections} at once`,
    plan.pipelining > 1 && `${plan.pipelining} requests on each`,
    threads > 1 && formatCounted(threads, "thread"),
    delayMs > 0 && `one every ${formatMs(delayMs)}`,
    plan.polite && "obeying the server's limit",
    plan.warmUpMs > 0 && `after ${formatPlainSeconds(plan.warmUpMs)} to warm up`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

function describeStage({ durationMs, ratePerSecond }: LoadStage): string {
  const span = durationMs === undefined ? "" : ` for ${formatPlainSeconds(durationMs)}`;
  return `${formatRate(ratePerSecond)}${span}`;
}

/** As a person would type it, with no more digits than it needs: `10 s`, `0.5 s`. */
function formatPlainSeconds(durationMs: number): string {
  return `${Number((durationMs / 1000).toFixed(3))} s`;
}

/** The sentence about a run that a signal ended; undefined for a complete run. */
export function describeStop({ interrupted, total, plan }: LoadResult): string | undefined {
  if (!interrupted) return undefined;
  const done = plan.requests === undefined ? formatCount(total) : `${total} of ${plan.requests}`;
  return `Stopped early: ${done} requests are done.`;
}

/** What a reader should know before trusting the figures; one line each. */
export function listNotes(result: LoadResult): string[] {
  const { retried, late, neverSent, abandoned, bodies } = result;
  const notes = [
    retried > 0 && `${formatCount(retried)} sent again: the server had closed the kept connection`,
    late > 0 && `${formatCount(late)} sent late: all connections were busy; raise --connections`,
    neverSent > 0 &&
      `${formatCount(neverSent)} never sent: due, but no connection was free in time`,
    abandoned > 0 && `${formatCount(abandoned)} without an answer when the run ended; not counted`,
    bodies?.distinct === 1 && "the bodies of all answers to a URL were equal",
    bodies !== undefined &&
      bodies.distinct > 1 &&
      `the answers to one URL had ${bodies.distinct} different bodies`,
  ];
  return notes.filter((note) => note !== false);
}

/** Rows with a name and a figure about the server's limit; none when it said nothing about one. */
export function listLimitFacts({ limit }: LoadResult): [name: string, text: string][] {
  if (limit === undefined) return [];
  const { policy, told, kept, broken, waitMsMin, waitMsMax } = limit;
  const rows: [string, string][] = [
    ["policy", policy ?? "none given"],
    ["refusals that said when to come back", String(told)],
  ];
  if (told === 0) return rows;
  if (waitMsMin !== undefined && waitMsMax !== undefined) {
    rows.push(["asked to wait", `${formatSeconds(waitMsMin)} to ${formatSeconds(waitMsMax)}`]);
  }
  return [
    ...rows,
    ["came back as asked, passed", String(kept)],
    ["came back as asked, refused again", String(broken)],
  ];
}
