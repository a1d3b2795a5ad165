// What is noted of an exchange when its answer has left: one look at the record tells the log, the
// metrics, the tallies of clients and the person who runs the server. Nothing is guessed from a status.

import type { Clock } from "../base/clock.ts";
import type { RefusedClient } from "../limit/first-refusal.ts";
import type { LogBatch } from "../log/batch.ts";
import type { LimitState, LogLineFormatter } from "../log/line.ts";
import type { ClientTallies } from "../metrics/client-tallies.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import type { Sent } from "../transport/engine.ts";
import type { Admission, Exchange } from "./exchange.ts";

export interface RecorderOptions {
  readonly threadIndex: number;
  /** Undefined: there is no access log. */
  readonly log: { readonly batch: LogBatch; readonly formatLine: LogLineFormatter } | undefined;
  /** Undefined: nobody asks for metrics. */
  readonly metrics: { readonly thread: ThreadMetrics; readonly tallies: ClientTallies } | undefined;
  readonly clock: Clock;
  /** Called for each request that the limit has refused. */
  readonly onRefused: (refusal: RefusedClient) => void;
}

export class Recorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Called when a request was read. */
  begin(): void {
    this.#options.metrics?.thread.requestBegan();
  }

  /**
   * Called once for each exchange, after its answer has left or when it never will.
   * @param isBelieved whether the client at the other end of the connection may name other clients
   */
  record(exchange: Exchange, isBelieved: boolean): void {
    const { metrics, log, clock, threadIndex, onRefused } = this.#options;
    const { request, client, admission, startedMs } = exchange;
    const { kind } = admission;
    if (kind === "refused") onRefused(refusedClient(exchange, isBelieved));
    if (metrics === undefined && log === undefined) return;
    const durationMs = clock.monotonicMs() - startedMs;
    const { status, bodyBytes, isComplete } = exchange.sent ?? NOTHING_SENT;
    if (metrics !== undefined) {
      const { thread, tallies } = metrics;
      const refusal = kind === "refused" || kind === "unknown" ? kind : undefined;
      thread.answered(request?.method, status, refusal, bodyBytes, durationMs);
      // What could not be read has met no limit.
      if (request !== undefined) {
        thread.requestEnded();
        tallies.count(client.tally, refusal !== undefined, startedMs + durationMs);
      }
    }
    if (log === undefined) return;
    log.batch.add(
      log.formatLine({
        address: client.address,
        wallMs: clock.wallMs(),
        method: request?.method,
        rawTarget: request?.rawTarget,
        protocol: request?.protocol,
        status,
        bodyBytes,
        durationMs,
        limit: LOGGED_LIMIT[kind],
        limitRemaining: "remaining" in admission ? admission.remaining : undefined,
        referer: request?.fields.get("referer"),
        userAgent: request?.fields.get("user-agent"),
        threadIndex,
        isComplete,
      }),
    );
  }
}

/** Of an exchange whose client left before there was an answer. */
const NOTHING_SENT: Sent = { status: 0, bodyBytes: 0, isComplete: false };

/** What the log says; also while nobody can tell whether a request may pass, it may not. */
const LOGGED_LIMIT: Readonly<Record<Admission["kind"], LimitState>> = {
  admitted: "admitted",
  refused: "refused",
  unknown: "refused",
  exempt: "none",
  off: "none",
};

function refusedClient({ request, client }: Exchange, isBelieved: boolean): RefusedClient {
  const fields = isBelieved ? undefined : request?.fields;
  const isForwarded = fields?.has("x-forwarded-for") === true || fields?.has("forwarded") === true;
  return { client: client.name, isForwarded };
}
