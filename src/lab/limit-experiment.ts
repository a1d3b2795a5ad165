// The limit experiment: a burst, requests that keep their distance, requests at the very edge of the
// limit, and a spamming client next to a polite one. Called by command.ts.

import { setTimeout as sleep } from "node:timers/promises";
import { runLoad } from "../load/run.ts";
import { findUnknownSource } from "../load/sockets.ts";
import { countRequests, runContest, sendPaced } from "./limit-clients.ts";
import {
  type Check,
  type Contest,
  checkBounds,
  checkEqual,
  type LimitResult,
  type LimitSeries,
} from "./result.ts";
import { LAB_HOST, LAB_TARGET, type LabSurroundings, withLabServer } from "./server.ts";

const LIMIT = 5;
const WINDOW_MS = 1000;
const BURST_COUNT = 200;
const SPACED_COUNT = 10;
/** Four a second: less than the limit. */
const POLITE_GAP_MS = 250;
/** Five a second are 200 ms apart. Three times six requests: each sixth one is one too many. */
const EDGE_COUNT = 18;
const UNDER_GAP_MS = 210;
const OVER_GAP_MS = 190;
/** Long enough for three windows. */
const CONTEST_MS = 3000;
const SPAMMING_ADDRESS = "127.0.0.2";
const POLITE_ADDRESS = "127.0.0.3";

/** @throws OperationError when a server does not start; the reason of the signal when it is aborted */
export function runLimitExperiment(surroundings: LabSurroundings): Promise<LimitResult> {
  const { signal } = surroundings;
  return withLabServer(surroundings, ["--rate", `${LIMIT}/s`], async (port) => {
    const burst = await sendBurst(port, signal);
    await rest(signal);
    const spaced = await sendSpaced(port, SPACED_COUNT, POLITE_GAP_MS, signal);
    await rest(signal);
    const under = await sendSpaced(port, EDGE_COUNT, UNDER_GAP_MS, signal);
    await rest(signal);
    const over = await sendOnSchedule(port, EDGE_COUNT, OVER_GAP_MS, signal);
    const contest = await holdContest(port, signal);
    return {
      ...{ name: "limit", limit: LIMIT, windowMs: WINDOW_MS },
      ...{ burst, spaced, under, over, contest },
      checks: [
        ...checkBurst(burst),
        checkSpaced("spaced", spaced),
        checkSpaced("just under", under),
        ...checkOver(over),
        ...checkContest(contest),
      ],
    };
  });
}

/** Waits until the window of the last request is over, and a bit longer in case the timer is early. */
function rest(signal: AbortSignal): Promise<void> {
  return sleep(WINDOW_MS + 50, undefined, { signal });
}

function theoryFor(sent: number, gapMs: number): Pick<LimitSeries, "gapMs" | "theoryAdmitted"> {
  return { gapMs, theoryAdmitted: countAdmittedInTheory(sent, gapMs, LIMIT, WINDOW_MS) };
}

async function sendBurst(port: number, signal: AbortSignal): Promise<LimitResult["burst"]> {
  const counts = await sendLoad(
    port,
    { requests: BURST_COUNT, keepAlive: false, delayMs: 0 },
    signal,
  );
  const admittedMax = LIMIT * (1 + Math.floor(counts.durationMs / WINDOW_MS));
  return { ...theoryFor(BURST_COUNT, 0), ...counts, admittedMax };
}

/** Sends by the clock, however long an answer takes. A pause after each answer would widen the gap. */
async function sendOnSchedule(
  port: number,
  requests: number,
  gapMs: number,
  signal: AbortSignal,
): Promise<LimitSeries> {
  const counts = await sendLoad(port, { requests, keepAlive: true, delayMs: gapMs }, signal);
  return { ...theoryFor(requests, gapMs), ...counts };
}

async function sendLoad(
  port: number,
  manner: { readonly requests: number; readonly keepAlive: boolean; readonly delayMs: number },
  signal: AbortSignal,
) {
  const { total, admitted, refused, failed, durationMs } = await runLoad({
    host: LAB_HOST,
    port,
    requestTarget: LAB_TARGET,
    connections: manner.requests,
    timeoutMs: 30_000,
    signal,
    ...manner,
  });
  return { sent: total, admitted, refused, failed, durationMs };
}

/** Leaves the gap between an answer and the next request, so that no request comes too soon. */
async function sendSpaced(
  port: number,
  requestsMax: number,
  gapMs: number,
  signal: AbortSignal,
): Promise<LimitSeries> {
  const requests = await sendPaced({
    port,
    connections: 1,
    gapMs,
    requestsMax,
    durationMsMax: Number.POSITIVE_INFINITY,
    signal,
  });
  return { ...theoryFor(requestsMax, gapMs), ...countRequests(requests) };
}

async function holdContest(port: number, signal: AbortSignal): Promise<Contest> {
  const unknown = await findUnknownSource([SPAMMING_ADDRESS, POLITE_ADDRESS]);
  if (unknown !== undefined) {
    const reason = `skipped: this system cannot send from ${unknown}, so both clients would be one`;
    return { kind: "skipped", reason };
  }
  const clients = await runContest({
    port,
    signal,
    windowMs: WINDOW_MS,
    durationMs: CONTEST_MS,
    spammingAddress: SPAMMING_ADDRESS,
    politeAddress: POLITE_ADDRESS,
    politeGapMs: POLITE_GAP_MS,
  });
  return { kind: "measured", clients };
}

function checkBurst({ sent, admitted, refused, admittedMax }: LimitResult["burst"]): Check[] {
  return [
    checkBounds("all at once, admitted", admitted, { atLeast: LIMIT, atMost: admittedMax }),
    checkEqual("all at once, admitted and refused", admitted + refused, sent),
  ];
}

function checkSpaced(name: string, { admitted, theoryAdmitted }: LimitSeries): Check {
  return checkEqual(`${name}, admitted`, admitted, theoryAdmitted);
}

function checkOver({ sent, admitted, refused, durationMs }: LimitSeries): Check[] {
  // Which requests are refused depends on milliseconds that a busy machine does not keep. That some are
  // refused, and that no more pass than may, does not depend on them.
  return [
    checkBounds("just over, refused", refused, { atLeast: 1 }),
    checkBounds("just over, admitted", admitted, {
      atMost: LIMIT * (1 + Math.floor(durationMs / WINDOW_MS)),
    }),
    checkEqual("just over, admitted and refused", admitted + refused, sent),
  ];
}

function checkContest(contest: Contest): Check[] {
  if (contest.kind === "skipped") return [];
  return contest.clients.flatMap((client) => {
    const { role, sent, admitted, refused, failed, admittedWithinWindowMax } = client;
    const within = checkBounds(`${role}, admitted within 1 s`, admittedWithinWindowMax, {
      atMost: LIMIT,
    });
    if (role === "polite") return [within, checkEqual("polite, admitted", admitted, sent)];
    const share = { atLeast: (CONTEST_MS / WINDOW_MS - 1) * LIMIT };
    return [
      within,
      // The client gets its share; a busy machine may cost it one window.
      checkBounds("spamming, admitted", admitted, share),
      checkBounds("spamming, refused", refused, { atLeast: 1 }),
      checkEqual("spamming, failed", failed, 0),
    ];
  });
}

/**
 * How many of `count` requests an exact sliding window admits, the first at 0 and each `gapMs` after the
 * one before it. The figures of the experiment are compared with it.
 */
export function countAdmittedInTheory(
  count: number,
  gapMs: number,
  limit: number,
  windowMs: number,
): number {
  const admittedMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const nowMs = index * gapMs;
    // An admission that is exactly one window old is no longer in the window.
    const recentCount = admittedMs.filter((ms) => nowMs - ms < windowMs).length;
    if (recentCount < limit) admittedMs.push(nowMs);
  }
  return admittedMs.length;
}
