// The experiment of the limit: a burst, requests that keep their distance, and a spamming client
// beside a polite one. Called by lab-run.ts.

import { setTimeout as sleep } from "node:timers/promises";
import { runLoad } from "../load/load-run.ts";
import { findUnknownSource } from "../load/source-addresses.ts";
import { type Check, checkBounds, checkEqual } from "./check.ts";
import { runContest } from "./contest.ts";
import { labTarget } from "./lab-folder.ts";
import type { Contest, LimitCounts, LimitResult } from "./lab-result.ts";
import { type LabSurroundings, labHost, withLabServer } from "./lab-server.ts";
import { countRequests } from "./limit-counts.ts";
import { sendPaced } from "./paced-client.ts";

const limit = 5;
const windowMs = 1000;
const burstCount = 200;
const spacedCount = 10;
/** Four a second: less than the limit. */
const politeGapMs = 250;
/** Long enough for three windows. */
const contestMs = 3000;
const spammingAddress = "127.0.0.2";
const politeAddress = "127.0.0.3";

export function runLimitExperiment(surroundings: LabSurroundings): Promise<LimitResult> {
  const { signal } = surroundings;
  return withLabServer(surroundings, ["--rate", `${limit}/s`], async (port) => {
    const burst = await sendBurst(port, signal);
    // The burst's window must be over; the rest is for a timer that ends early.
    await sleep(windowMs + 50, undefined, { signal });
    const spaced = { gapMs: politeGapMs, ...(await sendSpaced(port, signal)) };
    const contest = await holdContest(port, signal);
    return {
      name: "limit",
      limit,
      windowMs,
      burst,
      spaced,
      contest,
      checks: [...checkBurst(burst), ...checkSpaced(spaced), ...checkContest(contest)],
    };
  });
}

async function sendBurst(port: number, signal: AbortSignal): Promise<LimitResult["burst"]> {
  const load = await runLoad({
    host: labHost,
    port,
    requestTarget: labTarget,
    requests: burstCount,
    connections: burstCount,
    keepAlive: false,
    timeoutMs: 30_000,
    signal,
  });
  const { total, admitted, refused, failed, durationMs } = load;
  const admittedMax = limit * (1 + Math.floor(durationMs / windowMs));
  return { sent: total, admitted, refused, failed, durationMs, admittedMax };
}

async function sendSpaced(port: number, signal: AbortSignal): Promise<LimitCounts> {
  const requests = await sendPaced({
    port,
    connections: 1,
    gapMs: politeGapMs,
    requestsMax: spacedCount,
    durationMsMax: Number.POSITIVE_INFINITY,
    signal,
  });
  return countRequests(requests);
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

function checkSpaced({ admitted }: LimitCounts): Check[] {
  return [checkEqual("spaced, admitted", admitted, spacedCount)];
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
