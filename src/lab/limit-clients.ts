// The clients of the limit experiment: one that waits a while after each answer, a spamming and a polite
// one at the same time, and the count of what they met. Unlike a load run they keep the moments of every
// request. Prints nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../base/clock.ts";
import { ClientConnection } from "../load/client-connection.ts";
import { formatRequest } from "../load/plan.ts";
import type { ClassCounts } from "../load/result.ts";
import { TargetAddress } from "../load/sockets.ts";
import { classifyStatus } from "../load/tally.ts";
import type { ContestClient, LimitCounts } from "./result.ts";
import { LAB_HOST, LAB_TARGET } from "./server.ts";

const TIMEOUT_MS = 30_000;

export interface PacedOptions {
  readonly port: number;
  /** The local address to send from; the system chooses one by default. */
  readonly source?: string;
  readonly connections: number;
  /**
   * From an answer to the next request on that connection. So the server admits requests of one
   * connection at least this far apart, however busy the machine is.
   */
  readonly gapMs: number;
  /** The client ends when it has sent this many, or when the time is over. */
  readonly requestsMax: number;
  readonly durationMsMax: number;
  readonly signal: AbortSignal;
}

export interface PacedRequest {
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly outcome: keyof ClassCounts;
}

/** Resolves with the requests in the order of their answers; rejects when the signal is aborted. */
export async function sendPaced(options: PacedOptions): Promise<PacedRequest[]> {
  const { connections, gapMs, requestsMax, durationMsMax, signal } = options;
  const requests: PacedRequest[] = [];
  const endMs = systemClock.monotonicMs() + durationMsMax;
  let sentCount = 0;
  const mayGoOn = (): boolean => sentCount < requestsMax && systemClock.monotonicMs() < endMs;
  const sendOn = async (connection: ClientConnection): Promise<void> => {
    while (mayGoOn()) {
      sentCount++;
      requests.push(await sendOne(connection));
      signal.throwIfAborted();
      if (mayGoOn()) await sleep(gapMs, undefined, { signal });
    }
  };
  const opened = Array.from({ length: connections }, () => connect(options));
  const close = (): void => {
    for (const connection of opened) connection.close();
  };
  signal.addEventListener("abort", close);
  try {
    await Promise.all(opened.map(sendOn));
    return requests;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function sendOne(connection: ClientConnection): Promise<PacedRequest> {
  const startedMs = systemClock.monotonicMs();
  const outcome = await connection.send();
  return {
    startedMs,
    finishedMs: systemClock.monotonicMs(),
    outcome: outcome.kind === "answered" ? classifyStatus(outcome.status) : "failed",
  };
}

function connect({ port, source }: PacedOptions): ClientConnection {
  const parts = { method: "GET", host: LAB_HOST, port, requestTarget: LAB_TARGET } as const;
  return new ClientConnection({
    target: new TargetAddress([LAB_HOST], port),
    method: parts.method,
    requestBytes: formatRequest(parts, true),
    source,
    timeoutMs: TIMEOUT_MS,
    keepAlive: true,
    clock: systemClock,
  });
}

/** The duration is measured from the start of the first request to the last answer. */
export function countRequests(requests: readonly PacedRequest[]): LimitCounts {
  const count = (outcome: PacedRequest["outcome"]): number =>
    requests.filter((request) => request.outcome === outcome).length;
  // Not spread into Math.min: a client may send more requests than a call can have arguments.
  let startedMs = Number.POSITIVE_INFINITY;
  let finishedMs = Number.NEGATIVE_INFINITY;
  for (const request of requests) {
    startedMs = Math.min(startedMs, request.startedMs);
    finishedMs = Math.max(finishedMs, request.finishedMs);
  }
  return {
    sent: requests.length,
    admitted: count("admitted"),
    refused: count("refused"),
    failed: count("failed"),
    durationMs: requests.length === 0 ? 0 : finishedMs - startedMs,
  };
}

/** With the gap this allows at most 2000 requests a second; more would only load the machine. */
const SPAMMING_CONNECTIONS = 4;
const SPAMMING_GAP_MS = 2;

export interface ContestOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly windowMs: number;
  readonly durationMs: number;
  readonly spammingAddress: string;
  readonly politeAddress: string;
  readonly politeGapMs: number;
}

/**
 * A spamming and a polite client at the same time, from different addresses: the limit must hold the one
 * and leave the other alone. Resolves with the spamming client first.
 */
export function runContest(options: ContestOptions): Promise<ContestClient[]> {
  return Promise.all([
    sendAs(options, "spamming", {
      source: options.spammingAddress,
      connections: SPAMMING_CONNECTIONS,
      gapMs: SPAMMING_GAP_MS,
    }),
    sendAs(options, "polite", {
      source: options.politeAddress,
      connections: 1,
      gapMs: options.politeGapMs,
    }),
  ]);
}

type Manner = Required<Pick<PacedOptions, "source" | "connections" | "gapMs">>;

async function sendAs(
  { port, signal, windowMs, durationMs }: ContestOptions,
  role: ContestClient["role"],
  manner: Manner,
): Promise<ContestClient> {
  const requests = await sendPaced({
    port,
    ...manner,
    requestsMax: Number.POSITIVE_INFINITY,
    durationMsMax: durationMs,
    signal,
  });
  const counts = countRequests(requests);
  const admitted = requests.filter(({ outcome }) => outcome === "admitted");
  return {
    role,
    address: manner.source,
    connections: manner.connections,
    gapMs: manner.gapMs,
    ...counts,
    // By the time that both had: the polite client's last request ends a gap before the time is over.
    admittedPerSecond: (counts.admitted * 1000) / durationMs,
    refusedPerSecond: (counts.refused * 1000) / durationMs,
    admittedWithinWindowMax: countAdmittedWithin(admitted, windowMs),
  };
}

/** A request that was admitted, on the client's monotonic clock. */
export interface AdmittedRequest {
  readonly startedMs: number;
  readonly finishedMs: number;
}

/**
 * The largest number of requests that were both sent and answered within one window of `windowMs`.
 *
 * The server admits a request at some moment between its sending and its answer. So all of these were
 * admitted within the window, however late an answer was read: a number above the limit proves that the
 * limit was broken, and jitter cannot cause it. Comparing only the moments of the answers would accuse a
 * server whose first answers were read late.
 */
export function countAdmittedWithin(
  requests: readonly AdmittedRequest[],
  windowMs: number,
): number {
  let countMax = 0;
  for (const { startedMs } of requests) {
    const count = requests.filter(
      // Less than, not equal: at exactly one window, the window is over.
      (other) => other.startedMs >= startedMs && other.finishedMs - startedMs < windowMs,
    ).length;
    countMax = Math.max(countMax, count);
  }
  return countMax;
}
