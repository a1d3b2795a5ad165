// A client of the limit experiment: each of its connections waits a while after an answer before it
// sends again. Unlike a load run it keeps the moments of every request. Prints nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../base/clock.ts";
import { ClientConnection } from "../load/client-connection.ts";
import type { ClassCounts } from "../load/load-result.ts";
import { classifyStatus } from "../load/load-tally.ts";
import { formatRequest } from "../load/request-bytes.ts";
import { TargetAddress } from "../load/target-address.ts";
import { labTarget } from "./lab-folder.ts";
import { labHost } from "./lab-server.ts";

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
