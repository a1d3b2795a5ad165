// A spamming client and a polite one at the same time, from different addresses: the limit holds the
// one and does not touch the other. Used by the limit experiment.

import { countAdmittedWithin } from "./admission-window.ts";
import type { ContestClient } from "./lab-result.ts";
import { countRequests } from "./limit-counts.ts";
import { type PacedOptions, sendPaced } from "./paced-client.ts";

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
