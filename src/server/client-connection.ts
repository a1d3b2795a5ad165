// Ties one connection to what its thread shares: knows whose it is, asks handle-request.ts for the
// answers, and notes each answer in the access log.

import type { LogBatch } from "../access-log/log-batch.ts";
import type { LogLineFormatter } from "../access-log/log-line.ts";
import type { Clock } from "../base/clock.ts";
import type { ConnectionHandler, Exchange, TimeoutRefusal } from "../http/connection.ts";
import { type Reply, SourceChangedError } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import type { WriteResult } from "../http/response-writer.ts";
import type { KeyHash } from "../shared-memory/key-hash.ts";
import { errorReply } from "./error-reply.ts";
import type { RequestHandler } from "./handle-request.ts";

export interface ConnectionLog {
  readonly batch: LogBatch;
  readonly formatLine: LogLineFormatter;
  /** Whether requests meet a limit. */
  readonly hasLimit: boolean;
}

export interface ClientConnectionOptions {
  readonly requestHandler: RequestHandler;
  readonly clientKey: KeyHash;
  /** As the access log shows it. */
  readonly address: string;
  readonly threadIndex: number;
  readonly log: ConnectionLog | undefined;
  readonly clock: Clock;
  readonly onClosed: () => void;
}

export class ClientConnection implements ConnectionHandler {
  private readonly options: ClientConnectionOptions;

  constructor(options: ClientConnectionOptions) {
    this.options = options;
  }

  handle(exchange: Exchange, head: RequestHead): Reply | Promise<Reply> {
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
    this.options.requestHandler.finished(exchange);
    if (this.options.log !== undefined) this.note(this.options.log, exchange, reply, result);
  }

  /** Notes the answer to a connection that is one too many; no request of it was read. */
  rejected(reply: Reply): void {
    const { log, clock } = this.options;
    if (log === undefined) return;
    const exchange = { head: undefined, startedMs: clock.monotonicMs() };
    const bodyBytes = reply.body.kind === "bytes" ? reply.body.bytes.length : 0;
    this.note(log, exchange, reply, { bodyBytes, isComplete: true });
  }

  closed(): void {
    this.options.onClosed();
  }

  private note(
    log: ConnectionLog,
    { head, startedMs }: Pick<Exchange, "head" | "startedMs">,
    reply: Reply,
    result: Pick<WriteResult, "bodyBytes" | "isComplete">,
  ): void {
    const { clock, address, threadIndex } = this.options;
    const { status, counted } = reply;
    // Only the limit answers 429; every other request that could be read has passed it.
    const isRefused = status === 429;
    const hasMetLimit = log.hasLimit && head !== undefined;
    log.batch.add(
      log.formatLine({
        address,
        wallMs: clock.wallMs(),
        method: head?.method,
        rawTarget: head?.rawTarget,
        minorVersion: head?.minorVersion,
        status,
        bodyBytes: result.bodyBytes,
        durationMs: clock.monotonicMs() - startedMs,
        limit: hasMetLimit ? (isRefused ? "refused" : "admitted") : "none",
        // The number in a refusal is its wait.
        limitRemaining: isRefused ? 0 : counted?.count,
        referer: head?.fields.get("referer"),
        userAgent: head?.fields.get("user-agent"),
        threadIndex,
        isComplete: result.isComplete,
      }),
    );
  }
}
