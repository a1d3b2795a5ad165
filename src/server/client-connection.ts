// Ties one connection to what its thread shares: knows whose it is, and whose each request is where a
// proxy brings it, asks handle-request.ts for the answers, and notes each answer in the access log.

import type { LogBatch } from "../access-log/log-batch.ts";
import type { LogLineFormatter } from "../access-log/log-line.ts";
import type { Clock } from "../base/clock.ts";
import type { ConnectionHandler, Exchange, TimeoutRefusal } from "../http/connection.ts";
import { type Reply, SourceChangedError, SourceUnavailableError } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import type { WriteResult } from "../http/response-writer.ts";
import type { ClientTallies } from "../metrics/client-tally.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import type { Client, Clients } from "./clients.ts";
import { errorReply } from "./error-reply.ts";
import type { RefusedClient } from "./first-refusal.ts";
import type { RequestHandler } from "./handle-request.ts";
import { warn } from "./warning.ts";

/** Where a connection's answers are counted. */
export interface ConnectionMetrics {
  readonly thread: ThreadMetrics;
  readonly tallies: ClientTallies;
}

/** Where and how they are noted. */
export interface ConnectionLog {
  readonly batch: LogBatch;
  readonly formatLine: LogLineFormatter;
  /** Whether requests meet a limit. */
  readonly hasLimit: boolean;
}

export interface ClientConnectionOptions {
  readonly requestHandler: RequestHandler;
  /** The one at the other end of the connection, as far as is known. */
  readonly client: Client;
  /** Of a trusted proxy, who names each request's client; undefined: all requests are `client`'s. */
  readonly clients: Pick<Clients, "ofRequest"> | undefined;
  readonly threadIndex: number;
  readonly log: ConnectionLog | undefined;
  readonly metrics: ConnectionMetrics | undefined;
  readonly clock: Clock;
  /** Called for each request that the limit has refused. */
  readonly onRefused: (refusal: RefusedClient) => void;
  readonly onClosed: () => void;
}

type NotedExchange = Pick<Exchange, "head" | "startedMs">;
type NotedResult = Pick<WriteResult, "bodyBytes" | "isComplete">;

/** Only the limit answers so; every other request that could be read has passed it. */
const TOO_MANY_REQUESTS = 429;

export class ClientConnection implements ConnectionHandler {
  private readonly options: ClientConnectionOptions;
  /** The last request's fields and its client: the same bytes are the same fields (http/head-memory). */
  private lastFields: RequestHead["fields"] | undefined;
  private lastClient: Client | undefined;

  constructor(options: ClientConnectionOptions) {
    this.options = options;
  }

  handle(exchange: Exchange, head: RequestHead): Reply | Promise<Reply> {
    const { metrics, requestHandler, clients } = this.options;
    metrics?.thread.requestBegan();
    const believed = clients === undefined ? withoutPrefix(head) : head;
    return requestHandler.handle(exchange, believed, this.clientOf(head));
  }

  refuse(refusal: Refusal | TimeoutRefusal): Reply {
    return errorReply(undefined, refusal.status, { explanation: refusal.explanation });
  }

  fail(error: unknown, head: RequestHead): Reply {
    if (error instanceof SourceChangedError || error instanceof SourceUnavailableError) {
      return errorReply(head, 503, { fields: "Retry-After: 1\r\n" });
    }
    // The person who runs the server learns what it was; the client only that it was our fault.
    const message = error instanceof Error ? error.message : String(error);
    warn(`cannot answer ${JSON.stringify(head.rawTarget)}: ${message}`);
    return errorReply(head, 500);
  }

  made(exchange: Exchange): void {
    this.options.requestHandler.made(exchange);
  }

  finished(exchange: Exchange, reply: Reply, result: WriteResult): void {
    this.options.requestHandler.made(exchange);
    if (reply.status === TOO_MANY_REQUESTS) this.tellOfRefusal(exchange.head);
    this.note(exchange, reply, result);
  }

  /** Notes the answer to a connection that is one too many; no request of it was read. */
  rejected(reply: Reply): void {
    const exchange = { head: undefined, startedMs: this.options.clock.monotonicMs() };
    const bodyBytes = reply.body.kind === "bytes" ? reply.body.bytes.length : 0;
    this.note(exchange, reply, { bodyBytes, isComplete: true });
  }

  closed(): void {
    this.options.onClosed();
  }

  /** Whose a request is. What could not be read is its connection's. */
  private clientOf(head: RequestHead | undefined): Client {
    const { client, clients } = this.options;
    if (clients === undefined || head === undefined) return client;
    if (this.lastClient === undefined || head.fields !== this.lastFields) {
      this.lastFields = head.fields;
      this.lastClient = clients.ofRequest(client, head.fields);
    }
    return this.lastClient;
  }

  private tellOfRefusal(head: RequestHead | undefined): void {
    const isBelieved = this.options.clients !== undefined;
    const names = head !== undefined && !isBelieved ? head.fields : undefined;
    const isForwarded = names?.has("x-forwarded-for") === true || names?.has("forwarded") === true;
    this.options.onRefused({ client: this.clientOf(head).name, isForwarded });
  }

  private note(exchange: NotedExchange, reply: Reply, result: NotedResult): void {
    const { metrics, log, clock } = this.options;
    if (metrics === undefined && log === undefined) return;
    const nowMs = clock.monotonicMs();
    const client = this.clientOf(exchange.head);
    if (metrics !== undefined) count(metrics, client, exchange, reply, result, nowMs);
    if (log !== undefined) {
      log.batch.add(this.formatLine(log, client, exchange, reply, result, nowMs));
    }
  }

  private formatLine(
    log: ConnectionLog,
    { address, isExempt }: Client,
    { head, startedMs }: NotedExchange,
    { status, counted }: Reply,
    { bodyBytes, isComplete }: NotedResult,
    nowMs: number,
  ): string {
    const { clock, threadIndex } = this.options;
    const isRefused = status === TOO_MANY_REQUESTS;
    const hasMetLimit = log.hasLimit && head !== undefined && !isExempt;
    return log.formatLine({
      address,
      wallMs: clock.wallMs(),
      method: head?.method,
      rawTarget: head?.rawTarget,
      minorVersion: head?.minorVersion,
      status,
      bodyBytes,
      durationMs: nowMs - startedMs,
      limit: hasMetLimit ? (isRefused ? "refused" : "admitted") : "none",
      // The number in a refusal is its wait.
      limitRemaining: isRefused ? 0 : counted?.count,
      referer: head?.fields.get("referer"),
      userAgent: head?.fields.get("user-agent"),
      threadIndex,
      isComplete,
    });
  }
}

/** The head without what only a proxy that is trusted may say: where clients find this server. */
function withoutPrefix(head: RequestHead): RequestHead {
  if (!head.fields.has("x-forwarded-prefix")) return head;
  const fields = new Map(head.fields);
  fields.delete("x-forwarded-prefix");
  return { ...head, fields };
}

function count(
  { thread, tallies }: ConnectionMetrics,
  { tally }: Client,
  { head, startedMs }: NotedExchange,
  { status }: Reply,
  { bodyBytes }: NotedResult,
  nowMs: number,
): void {
  thread.answered(head?.method, status, bodyBytes, nowMs - startedMs);
  // What could not be read has met no limit.
  if (head === undefined) return;
  thread.requestEnded();
  tallies.count(tally, status === TOO_MANY_REQUESTS, nowMs);
}
