// Ties one connection to what its thread shares: knows whose it is, asks handle-request.ts for the
// answers, and notes each answer in the access log.

import type { LogBatch } from "../access-log/log-batch.ts";
import { formatLogLine, type LogLineFormat } from "../access-log/log-line.ts";
import type { Clock } from "../base/clock.ts";
import type { ConnectionHandler, Exchange, TimeoutRefusal } from "../http/connection.ts";
import { type Reply, SourceChangedError } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import type { WriteResult } from "../http/response-writer.ts";
import type { ClientTallies, ClientTally } from "../metrics/client-tally.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import type { KeyHash } from "../shared-memory/key-hash.ts";
import { errorReply } from "./error-reply.ts";
import type { RequestHandler } from "./handle-request.ts";

/** Where a connection's answers are counted. */
export interface ConnectionMetrics {
  readonly thread: ThreadMetrics;
  readonly tallies: ClientTallies;
  readonly tally: ClientTally;
}

export interface ClientConnectionOptions {
  readonly requestHandler: RequestHandler;
  readonly clientKey: KeyHash;
  /** As the access log shows it. */
  readonly address: string;
  readonly threadIndex: number;
  readonly log: { readonly batch: LogBatch; readonly format: LogLineFormat } | undefined;
  readonly metrics: ConnectionMetrics | undefined;
  readonly clock: Clock;
  readonly onClosed: () => void;
}

/** Only the limit answers so. */
const TOO_MANY_REQUESTS = 429;

export class ClientConnection implements ConnectionHandler {
  private readonly options: ClientConnectionOptions;

  constructor(options: ClientConnectionOptions) {
    this.options = options;
  }

  handle(exchange: Exchange, head: RequestHead): Reply | Promise<Reply> {
    this.options.metrics?.thread.requestBegan();
    return this.options.requestHandler.handle(exchange, head, this.options.clientKey);
  }

  refuse(refusal: Refusal | TimeoutRefusal): Reply {
    return errorReply(undefined, refusal.status, { explanation: refusal.explanation });
  }

  fail(error: unknown, head: RequestHead): Reply {
    if (error instanceof SourceChangedError) {
      return errorReply(head, 503, { fields: "Retry-After: 1\r\n" });
    }
    // The person who runs the server learns what it was; the client only that it was our fault.
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`weir: cannot answer ${JSON.stringify(head.rawTarget)}: ${message}\n`);
    return errorReply(head, 500);
  }

  finished(exchange: Exchange, reply: Reply, result: WriteResult): void {
    const { requestHandler, metrics, log, clock } = this.options;
    requestHandler.finished(exchange);
    if (metrics === undefined && log === undefined) return;
    const nowMs = clock.monotonicMs();
    if (metrics !== undefined) count(metrics, exchange, reply, result, nowMs);
    if (log !== undefined)
      log.batch.add(this.formatLine(log.format, exchange, reply, result, nowMs));
  }

  private formatLine(
    format: LogLineFormat,
    exchange: Exchange,
    reply: Reply,
    result: WriteResult,
    nowMs: number,
  ): string {
    const { clock, address, threadIndex } = this.options;
    const { head } = exchange;
    return formatLogLine(
      {
        address,
        wallMs: clock.wallMs(),
        method: head?.method,
        rawTarget: head?.rawTarget,
        minorVersion: head?.minorVersion,
        status: reply.status,
        bodyBytes: result.bodyBytes,
        durationMs: nowMs - exchange.startedMs,
        referer: head?.fields.get("referer"),
        userAgent: head?.fields.get("user-agent"),
        threadIndex,
        isComplete: result.isComplete,
      },
      format,
    );
  }

  closed(): void {
    this.options.onClosed();
  }
}

function count(
  { thread, tallies, tally }: ConnectionMetrics,
  { head, startedMs }: Exchange,
  { status }: Reply,
  { bodyBytes }: WriteResult,
  nowMs: number,
): void {
  thread.answered(head?.method, status, bodyBytes, nowMs - startedMs);
  // What could not be read has met no limit.
  if (head === undefined) return;
  thread.requestEnded();
  tallies.count(tally, status === TOO_MANY_REQUESTS, nowMs);
}
