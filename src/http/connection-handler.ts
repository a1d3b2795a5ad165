// What a connection asks of those who make its answers, and tells them: the seam between the engine
// (connection.ts) and its two servers (server/client-connection.ts, admin/admin-handler.ts).

import type { Reply } from "./reply.ts";
import type { Refusal, RequestHead } from "./request.ts";
import type { WriteResult } from "./response-writer.ts";

/** One request on its way to its answer. */
export interface Exchange {
  /** undefined when the head could not be read; the answer is a refusal then. */
  readonly head: RequestHead | undefined;
  /** Monotonic ms at which the whole head was there. */
  readonly startedMs: number;
  /** Whether the client has gone, so that an answer is of no use any more. */
  isAbandoned: boolean;
}

export interface ConnectionHandler {
  /** Makes the answer to a request. What it throws becomes a 500. */
  handle(exchange: Exchange, head: RequestHead): Reply | Promise<Reply>;
  /** Makes the answer to what could not be read as a request, or came too late. */
  refuse(refusal: Refusal | TimeoutRefusal): Reply;
  /** Makes the answer to a request whose handling failed, or whose body could not be begun. */
  fail(error: unknown, head: RequestHead): Reply;
  /** Called when an answer that is not at hand is made so far that its first bytes leave. */
  made?(exchange: Exchange): void;
  /** Called once for each exchange when its answer has left, or never will. */
  finished(exchange: Exchange, reply: Reply, result: WriteResult): void;
  /** Called once, when the stream is gone. */
  closed(): void;
}

export interface TimeoutRefusal {
  readonly status: 408;
  readonly explanation: string;
  readonly form?: undefined;
}
