// What an engine is: it speaks one protocol over one transport, turns bytes into requests and replies
// into bytes, and knows neither sockets nor files. http1/connection.ts is the engine of HTTP/1.1. What an
// engine calls is an ExchangeHandler. test/contract/engine-contract.ts holds every engine
// to this page.
//
// What an engine owes
// - Exchanges. For each request, and for each thing that could not be read as one, it calls `open` once,
//   then `handle` or `refuse` once, and `finished` once, when `sent` is set: also when the client has
//   left, and also when the handler failed. Where `handle` throws or rejects, or a body cannot be begun,
//   `fail` makes the reply instead. Replies leave in an order that their protocol lets clients match.
// - No waiting for what is there. When `handle` returns a reply that is at hand, it is written before the
//   call of `receive` returns: no promise, no microtask.
// - Honest ends. A body that ends too soon never looks complete to the client, and `sent.isComplete` says
//   so. A reply without a body has none, whatever its status, and HEAD is answered as GET without one.
// - Bodies. The body of every reply is closed exactly once (`closeBody`), whatever becomes of it.
// - Back-pressure, both ways. While its client does not take what it was sent, no further request of that
//   client is handled, and no body is read or made further ahead than the transport allows. While
//   requests wait, no more than `waitingBytesMax` of input is kept before the transport pauses.
// - Deadlines. Each wait for the client has a limit of HttpLimits, counted by `checkDeadline`: a head that
//   does not arrive, a client that asks nothing, one that takes nothing, one that does not close. An
//   answer that is still being made has none: it is the handler's to bound.
// - Abandonment. When the transport closes, the exchanges under way get `isAbandoned`, so that their
//   handler can stop; then `closed` is called, once.
// - Draining. After `drain` a connection takes requests that were on their way, says with each answer that
//   it is the last, and ends soon.
// - Closing without a reset. What was written is not lost because the client was still sending.
//
// What an engine may expect
// - It is its transport's receiver from its constructor on. All calls come one at a time, from the event
//   loop, and none from inside a call of its own (transport.ts).
// - `handle` may return at once or later, but never twice. `refuse` and `fail` return replies that are at
//   hand. `useFields` of the exchange is set before the reply is given.
// - A reply with `isShared` does not change, and answers other requests: what is serialised of it may be
//   kept for as long as it lives, by its identity.

import { assert } from "../base/assert.ts";
import type { Reply, UseFields } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";

/** One connection of one client, from its first byte on; the receiver of its transport, too. */
export interface Engine {
  /**
   * Ends what has taken too long. Called a few times a second for as long as the connection lives; a
   * deadline is seen with the first call behind it.
   */
  checkDeadline(nowMs: number): void;
  /** No further requests: the server stops. */
  drain(): void;
  /** Answers with a refusal before any request was read, and ends. */
  reject(refusal: Refusal): void;
}

/** What has left of an answer. */
export interface Sent {
  readonly status: number;
  /** Bytes of the body, without framing. */
  readonly bodyBytes: number;
  /** False when the client left, or the source of the body ended, before everything was sent. */
  readonly isComplete: boolean;
}

/** One request on its way to its answer. The program's own record of a request extends it. */
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

// Everything that a client can make grow or last, and its maximum, with the reason beside it. Handed to
// engines as a value, so that tests can be short of room or time.

export interface HttpLimits {
  readonly requestLineBytesMax: number;
  readonly fieldBytesMax: number;
  readonly fieldsMax: number;
  readonly waitingBytesMax: number;
  readonly headTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly lingerTimeoutMs: number;
  readonly lingerBytesMax: number;
  readonly readSoonBytes: number;
  readonly drainGraceMs: number;
}

export const httpLimits: HttpLimits = {
  // What browsers and proxies of the field accept; a longer target names no file (RFC 9112 §3 asks
  // for 8000 at least).
  requestLineBytesMax: 8 * 1024,
  // All field lines together. Cookies of one site are at most 4 KiB each by RFC 6265; four of them and the usual fields fit.
  fieldBytesMax: 16 * 1024,
  // Browsers send 10 to 20.
  fieldsMax: 100,
  // Pipelined requests that wait for the answers before them; beyond it reading pauses.
  waitingBytesMax: 16 * 1024,
  // A head comes in one or two packets; ten seconds let a phone cross a tunnel.
  headTimeoutMs: 10_000,
  // Long enough for the next click's requests, short enough for 10,000 idle clients.
  idleTimeoutMs: 5_000,
  // A reader that takes nothing for this long has gone. A download that is paused, a proxy that empties
  // its own file first, or a reader of a few kB/s takes nothing for a minute or two: the buffers of both
  // kernels, megabytes on a fast line, show us its progress in steps only.
  stallTimeoutMs: 300_000,
  // After our FIN the client reads a short answer and closes: one or two round trips, so two seconds.
  lingerTimeoutMs: 2_000,
  // What a client may still send meanwhile before it is cut off.
  lingerBytesMax: 1024 * 1024,
  // What a client has read as soon as it has it. More may lie unread in the buffers of both kernels for
  // as long as a reader may stall: so long is lingered after longer answers.
  readSoonBytes: 64 * 1024,
  // A request that was on its way when draining began is here within a round trip or two.
  drainGraceMs: 500,
};

assert(httpLimits.lingerTimeoutMs < httpLimits.headTimeoutMs, "lingering is shorter than waiting");
