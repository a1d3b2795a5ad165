// One request on its way to its answer, as far as an engine sees it, and what an engine asks of the
// program that it serves. The program's own record of a request extends WireExchange.

import type { Reply, UseFields } from "./reply.ts";
import type { Refusal, RequestHead } from "./request.ts";

/** What has left of an answer. */
export interface Sent {
  readonly status: number;
  /** Bytes of the body, without framing. */
  readonly bodyBytes: number;
  /** False when the client left, or the source of the body ended, before everything was sent. */
  readonly isComplete: boolean;
}

export interface WireExchange {
  /** Undefined when no request could be read: the answer is a refusal. */
  readonly request: RequestHead | undefined;
  /** Monotonic ms at which the whole head was there. */
  readonly startedMs: number;
  /** Fields of this one use of the reply; they come last in its head. Set before the reply is given. */
  readonly useFields: UseFields | undefined;
  /** Set by the engine when the client has gone: nobody needs the answer any more. */
  isAbandoned: boolean;
  /** Set by the engine once, before it calls `finished`. */
  sent: Sent | undefined;
}

/** The program behind one connection. */
export interface ExchangeHandler<E extends WireExchange = WireExchange> {
  /** Makes the record of a request that was read, or of what could not be read as one. */
  open(request: RequestHead | undefined, startedMs: number): E;
  /** Makes the answer to a request. What it throws is given to `fail`. */
  handle(exchange: E): Reply | Promise<Reply>;
  /** Makes the answer to what could not be read, came too late, or is one connection too many. */
  refuse(exchange: E, refusal: Refusal): Reply;
  /** Makes the answer to a request whose handling failed, or whose body could not be begun. */
  fail(exchange: E, error: unknown): Reply;
  /** Called when the first bytes of an answer leave that was not at hand. */
  made?(exchange: E): void;
  /** Called once for each exchange, when its answer has left or never will. */
  finished(exchange: E): void;
  /** Called once, when the connection is gone. */
  closed(): void;
}
