// Everything that a client can make grow or last, and its maximum, with the reason beside it.
// Handed to connections as a value, so that tests can be short of room or time.

import { assert } from "../base/assert.ts";

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
