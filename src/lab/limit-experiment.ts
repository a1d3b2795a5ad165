// The experiment of the limit: a burst, requests that keep their distance, requests at the very edge
// of the limit, and a spamming client beside a polite one. Called by lab-run.ts.

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
import { type LabSurroundings, labHost, labTarget, withLabServer } from "./server.ts";

const limit = 5;
const windowMs = 1000;
const burstCount = 200;
const spacedCount = 10;
/** Four a second: less than the limit. */
const politeGapMs = 250;
/** Five a second are 200 ms apart; three times six requests, of which the sixth is one too many. */
const edgeCount = 18;
const underGapMs = 210;
const overGapMs = 190;
/** Long enough for three windows. */
const contestMs = 3000;
const spammingAddress = "127.0.0.2";
const politeAddress = "127.0.0.3";

export function runLimitExperiment(surroundings: LabSurroundings): Promise<LimitResult> {
  const { signal } = surroundings;
  return withLabServer(surroundings, ["--rate", `${limit}/s`], async (port) => {
    const burst = await sendBurst(port, signal);
    await rest(signal);
    const spaced = await sendSpaced(port, spacedCount, politeGapMs, signal);
    await rest(signal);
    const under = await sendSpaced(port, edgeCount, underGapMs, signal);
    await rest(signal);
    const over = await sendOnSchedule(port, edgeCount, overGapMs, signal);
    const contest = await holdContest(port, signal);
    return {
      ...{ name: "limit", limit, windowMs, burst, spaced, under, over, contest },
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

/** Until the window of what was sent is over, and a bit for a timer that ends early. */
function rest(signal: AbortSignal): Promise<void> {
  return sleep(windowMs + 50, undefined, { signal });
}

function theoryFor(sent: number, gapMs: number): Pick<LimitSeries, "gapMs" | "theoryAdmitted"> {
  return { gapMs, theoryAdmitted: countAdmittedInTheory(sent, gapMs, limit, windowMs) };
}

async function sendBurst(port: number, signal: AbortSignal): Promise<LimitResult["burst"]> {
  const counts = await sendLoad(
    port,
    { requests: burstCount, keepAlive: false, delayMs: 0 },
    signal,
  );
  const admittedMax = limit * (1 + Math.floor(counts.durationMs / windowMs));
  return { ...theoryFor(burstCount, 0), ...counts, admittedMax };
}

/** By the clock, whatever an answer takes: a pause after each answer would be longer than the gap. */
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
    host: labHost,
    port,
    requestTarget: labTarget,
    connections: manner.requests,
    timeoutMs: 30_000,
    signal,
    ...manner,
  });
  return { sent: total, admitted, refused, failed, durationMs };
}

/** With the gap from an answer to the next request, so that none comes too soon. */
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
  const unknown = await findUnknownSource([spammingAddress, politeAddress]);
  if (unknown !== undefined) {
    const reason = `skipped: this system cannot send from ${unknown}, so all is one client to it`;
    return { kind: "skipped", reason };
  }
  const clients = await runContest({
    port,
    signal,
    windowMs,
    durationMs: contestMs,
    spammingAddress,
    politeAddress,
    politeGapMs,
  });
  return { kind: "measured", clients };
}

function checkBurst({ sent, admitted, refused, admittedMax }: LimitResult["burst"]): Check[] {
  return [
    checkBounds("all at once, admitted", admitted, { atLeast: limit, atMost: admittedMax }),
    checkEqual("all at once, admitted and refused", admitted + refused, sent),
  ];
}

function checkSpaced(name: string, { admitted, theoryAdmitted }: LimitSeries): Check {
  return checkEqual(`${name}, admitted`, admitted, theoryAdmitted);
}

function checkOver({ sent, admitted, refused, durationMs }: LimitSeries): Check[] {
  // Which ones are refused hangs on milliseconds that a busy machine does not keep; that some are,
  // and that no more pass than may, does not.
  return [
    checkBounds("just over, refused", refused, { atLeast: 1 }),
    checkBounds("just over, admitted", admitted, {
      atMost: limit * (1 + Math.floor(durationMs / windowMs)),
    }),
    checkEqual("just over, admitted and refused", admitted + refused, sent),
  ];
}

function checkContest(contest: Contest): Check[] {
  if (contest.kind === "skipped") return [];
  return contest.clients.flatMap((client) => {
    const { role, sent, admitted, refused, failed, admittedWithinWindowMax } = client;
    const within = checkBounds(`${role}, admitted within 1 s`, admittedWithinWindowMax, {
      atMost: limit,
    });
    if (role === "polite") return [within, checkEqual("polite, admitted", admitted, sent)];
    const share = { atLeast: (contestMs / windowMs - 1) * limit };
    return [
      within,
      // It gets its share; a busy machine may cost it one window.
      checkBounds("spamming, admitted", admitted, share),
      checkBounds("spamming, refused", refused, { atLeast: 1 }),
      checkEqual("spamming, failed", failed, 0),
    ];
  });
}

/** Of `count` requests, the first at 0 and each `gapMs` after the one before it, so many pass. */
export function countAdmittedInTheory(
  count: number,
  gapMs: number,
  limit: number,
  windowMs: number,
): number {
  const admittedMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const nowMs = index * gapMs;
    // An admission that is exactly a window old is in it no more.
    const recentCount = admittedMs.filter((ms) => nowMs - ms < windowMs).length;
    if (recentCount < limit) admittedMs.push(nowMs);
  }
  return admittedMs.length;
}
