// An engine speaks one protocol over one transport: it turns bytes into requests and replies into bytes, and
// knows neither sockets nor files. http1/connection.ts is the engine of HTTP/1.1. An engine calls an
// ExchangeHandler. test/contract/engine-contract.ts holds every engine to this page.
//
// What an engine owes
// - Exchanges. For each request, and for each input that is no valid request, it calls `open` once, then
//   `handle` or `refuse` once. When `sent` is set it calls `finished` once, even if the client has left or the
//   handler has failed. If `handle` throws or rejects, or the first piece of a body cannot be read or made,
//   `fail` makes the reply instead. Replies leave in an order that lets clients match them to requests.
// - No needless waiting. A reply that `handle` returns with a body in memory is written before the call of
//   `receive` returns: no promise, no microtask.
// - Honest ends. A body that ends too soon never looks complete to the client, and `sent.isComplete` is false.
//   A reply without a body has none, whatever its status. HEAD gets the answer to GET without its body.
// - Bodies. The engine closes the body of every reply exactly once (`closeBody`), whatever becomes of it.
// - Back-pressure, both ways. While a client does not take what it was sent, none of its further requests is
//   handled, and no body is read or made further ahead than the transport allows. While requests wait, the
//   engine keeps no more than `waitingBytesMax` of input before it pauses the transport.
// - Deadlines. Each wait for the client has a limit of HttpLimits, which `checkDeadline` enforces: for a head
//   that does not arrive, and for a client that asks for nothing, takes nothing or does not close. An answer
//   that is still being made has no limit here: the handler bounds it.
// - Abandonment. When the transport closes, the engine sets `isAbandoned` of the exchanges under way, so that
//   their handler can stop. Then it calls `closed`, once.
// - Draining. After `drain` a connection takes requests that were on their way, marks each answer as the last,
//   and ends soon.
// - Closing without a reset. What was written does not get lost because the client was still sending.
//
// What an engine may expect
// - It is its transport's receiver from its constructor on. All calls come one at a time, from the event
//   loop, and none from inside a call of its own (transport.ts).
// - `handle` may return at once or later, but never twice. `refuse` and `fail` return replies with a short body
//   in memory. The handler sets `useFields` of the exchange before it returns the reply.
// - A reply with `isShared` does not change and answers other requests, too. An engine may keep its serialised
//   form for as long as the reply lives, by its identity.

import { assert } from "../base/assert.ts";
import type { Reply, UseFields } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";

/** One connection of one client, from its first byte on. It is also the receiver of its transport. */
export interface Engine {
  /**
   * Ends what has taken too long. Called a few times a second for as long as the connection lives; the first
   * call after a deadline notices it.
   */
  checkDeadline(nowMs: number): void;
  /** The server stops: the connection ends soon. */
  drain(): void;
  /** Answers with a refusal before any request was read, and ends. */
  reject(refusal: Refusal): void;
}

/** How much of an answer has left. */
export interface Sent {
  readonly status: number;
  /** Bytes of the body, without framing. */
  readonly bodyBytes: number;
  /** False when the client left, or the source of the body ended, before everything had been sent. */
  readonly isComplete: boolean;
}

/** One request on its way to its answer. The program's own record of a request extends it. */
export interface WireExchange {
  /** Undefined when no request could be read: the answer is a refusal. */
  readonly request: RequestHead | undefined;
  /** Monotonic ms at which the head was complete. */
  readonly startedMs: number;
  /** Fields for this one use of the reply; they come last in its head. Set before the reply is returned. */
  readonly useFields: UseFields | undefined;
  /** The engine sets it when the client has gone and needs no answer any more. */
  isAbandoned: boolean;
  /** The engine sets it once, before it calls `finished`. */
  sent: Sent | undefined;
}

/** The program behind one connection. */
export interface ExchangeHandler<E extends WireExchange = WireExchange> {
  /** Makes the record of a request that was read, or of what could not be read as one. */
  open(request: RequestHead | undefined, startedMs: number): E;
  /** Makes the answer to a request. The engine gives what it throws to `fail`. */
  handle(exchange: E): Reply | Promise<Reply>;
  /** Makes the answer to input that is no valid request or came too late, and to one connection too many. */
  refuse(exchange: E, refusal: Refusal): Reply;
  /** Makes the answer to a request whose handling failed, or whose body failed before anything left. */
  fail(exchange: E, error: unknown): Reply;
  /** Called when the first bytes of an answer leave whose body had to be read, made or sent in pieces. */
  made?(exchange: E): void;
  /** Called once for each exchange, when its answer has left or never will. */
  finished(exchange: E): void;
  /** Called once, when the connection is gone. */
  closed(): void;
}

/**
 * The maximum of everything on a connection that a client can make grow or last. Engines are handed it as a
 * value, so that tests can be short of room or time.
 */
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
  // As much as common browsers and proxies accept. A longer target names no file (RFC 9112 §3 asks for 8000
  // at least).
  requestLineBytesMax: 8 * 1024,
  // All field lines together. By RFC 6265 a cookie has at most 4 KiB; four of them and the usual fields fit.
  fieldBytesMax: 16 * 1024,
  // Browsers send 10 to 20.
  fieldsMax: 100,
  // Pipelined requests that wait for the answers before them. When there are more, reading pauses.
  waitingBytesMax: 16 * 1024,
  // A head comes in one or two packets; ten seconds let a phone cross a tunnel.
  headTimeoutMs: 10_000,
  // Long enough for the next click's requests, short enough for 10,000 idle clients.
  idleTimeoutMs: 5_000,
  // A client that takes nothing for this long has gone. A paused download, a proxy that empties its own file
  // first, or a client that reads a few kB/s takes nothing for a minute or two: the buffers of both kernels,
  // megabytes on a fast line, show us its progress in steps only.
  stallTimeoutMs: 300_000,
  // After our FIN the client reads a short answer and closes. That takes one or two round trips.
  lingerTimeoutMs: 2_000,
  // How much a client may still send meanwhile before it is cut off.
  lingerBytesMax: 1024 * 1024,
  // A client has read this much as soon as it arrives. More of an answer may be unread in the buffers of both
  // kernels for as long as a reader may stall, so we linger that long after longer answers.
  readSoonBytes: 64 * 1024,
  // A request that was on its way when draining began arrives within a round trip or two.
  drainGraceMs: 500,
};

assert(httpLimits.lingerTimeoutMs < httpLimits.headTimeoutMs, "lingering is shorter than waiting");
