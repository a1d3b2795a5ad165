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
import { labHost, labTarget } from "./server.ts";

const timeoutMs = 30_000;

export interface PacedOptions {
  readonly port: number;
  /** The local address to send from; the system chooses when there is none. */
  readonly source?: string;
  readonly connections: number;
  /**
   * From an answer to the next request on that connection. What the server admits on one connection
   * is then at least so far apart, however busy the machine.
   */
  readonly gapMs: number;
  /** Ends when so many are sent, or when the time is over. */
  readonly requestsMax: number;
  readonly durationMsMax: number;
  readonly signal: AbortSignal;
}

export interface PacedRequest {
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly outcome: keyof ClassCounts;
}

/** Resolves with the requests in the order of their answers; rejects when the signal comes. */
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
  const parts = { method: "GET", host: labHost, port, requestTarget: labTarget } as const;
  return new ClientConnection({
    target: new TargetAddress([labHost], port),
    method: parts.method,
    requestBytes: formatRequest(parts, true),
    source,
    timeoutMs,
    keepAlive: true,
    clock: systemClock,
  });
}

/** The duration is from the first request's start to the last answer. */
export function countRequests(requests: readonly PacedRequest[]): LimitCounts {
  const count = (outcome: PacedRequest["outcome"]): number =>
    requests.filter((request) => request.outcome === outcome).length;
  // Not spread into Math.min: a client may send more requests than a call takes arguments.
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

/** Together with the gap at most 2000 requests a second: more would test the machine's patience. */
const spammingConnections = 4;
const spammingGapMs = 2;

export interface ContestOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly windowMs: number;
  readonly durationMs: number;
  readonly spammingAddress: string;
  readonly politeAddress: string;
  readonly politeGapMs: number;
}

/** The spamming client first. */
export function runContest(options: ContestOptions): Promise<ContestClient[]> {
  return Promise.all([
    sendAs(options, "spamming", {
      source: options.spammingAddress,
      connections: spammingConnections,
      gapMs: spammingGapMs,
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
    // Of the time that both were given: the polite one's last request ends a gap before it is over.
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
 * The server admits a request at some moment between its sending and its answer. So these were all
 * admitted within the window, however late an answer was read: more than the limit is a proof that
 * the limit was broken, and no jitter can bring that about. To compare the moments of the answers
 * alone would accuse a server whose first answers were read late.
 */
export function countAdmittedWithin(
  requests: readonly AdmittedRequest[],
  windowMs: number,
): number {
  let countMax = 0;
  for (const { startedMs } of requests) {
    const count = requests.filter(
      // Less than, not equal: a window that is exactly over is over.
      (other) => other.startedMs >= startedMs && other.finishedMs - startedMs < windowMs,
    ).length;
    countMax = Math.max(countMax, count);
  }
  return countMax;
}
