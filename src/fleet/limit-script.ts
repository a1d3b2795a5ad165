// The exact sliding window of limit/window.ts as a script in the store: the same ring of cells and the same
// numbers in its answer, in one round trip and on the store's own clock. The window of a client is one
// string: the cell in use, the admissions in it, and each cell's latest time in microseconds. Pure.

import { defineScript } from "./connection.ts";

/**
 * KEYS: the clients' windows. ARGV: admissions in a window; its length in microseconds; cells; the time in
 * microseconds for tests, or nothing for the store's clock; and for each key how many admissions it asks for,
 * from 1. Answers for each key how many are admitted, how many are left then, and the microseconds until one
 * leaves the window. One call has many keys, because a call costs both ends more than a window.
 *
 * The store's clock may be set back. If it is by less than a window, the latest time stays until the clock has
 * reached it, as in limit/window.ts. If it is by more, all times move with the clock, so that they keep their
 * distances and no client waits longer than two windows.
 *
 * A key lives exactly as long as its window has an admission. A refusal writes nothing, so a spammer costs no
 * write, and a full store still refuses.
 */
export const LIMIT_SCRIPT = defineScript(`
local count, window, cells = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now, keepMs
if ARGV[4] ~= '' then
  now, keepMs = tonumber(ARGV[4]), 3600000
else
  local time = redis.call('TIME')
  now, keepMs = time[1] * 1000000 + time[2], 0
end
local function grants(index)
  local each = math.floor(count / cells)
  if index <= count % cells then return each + 1 end
  return each
end
local function admit(key, wanted)
  local known = redis.call('GET', key)
  local cell, used, times = 1, 0, {}
  if known then cell, used, times = unpack(cmsgpack.unpack(known)) end
  local latest = times[cell]
  if latest and latest - now > window then
    local back = latest - now
    for index = 1, #times do times[index] = times[index] - back end
    latest = now
  end
  local at = now
  if latest and latest > at then at = latest end
  local freeBefore = at - window
  if used > 0 and latest <= freeBefore then used = 0 end
  local admitted = 0
  while admitted < wanted do
    local room = grants(cell) - used
    if room <= 0 then
      local oldest = cell % cells + 1
      if times[oldest] and times[oldest] > freeBefore then break end
      cell, used, room = oldest, 0, grants(oldest)
    end
    local taken = math.min(room, wanted - admitted)
    used, admitted = used + taken, admitted + taken
    times[cell] = at
  end
  local spent, oldestBusy = used, cell
  for back = 1, cells - 1 do
    local index = (cell - back - 1) % cells + 1
    if not times[index] or times[index] <= freeBefore then break end
    spent, oldestBusy = spent + grants(index), index
  end
  if admitted > 0 then
    local lifeMs = math.ceil((at - now + window) / 1000) + keepMs
    redis.call('SET', key, cmsgpack.pack({cell, used, times}), 'PX', lifeMs)
  end
  local wait = math.max(0, math.min(window, times[oldestBusy] + window - at))
  return {admitted, count - spent, wait}
end
local answers = {}
for index = 1, #KEYS do answers[index] = admit(KEYS[index], tonumber(ARGV[4 + index])) end
return answers
`);

/** The answer of the script for one key. */
export interface WindowAnswer {
  readonly admitted: number;
  /** Admissions that are left after those. */
  readonly remaining: number;
  /** The time until an admission leaves the window. */
  readonly waitMs: number;
}

/** The answers in the order of the keys. */
export function readWindowAnswers(reply: unknown): WindowAnswer[] {
  return (reply as [number, number, number][]).map(([admitted, remaining, waitUs]) => ({
    admitted,
    remaining,
    waitMs: waitUs / 1000,
  }));
}

// Leases of large limits: admissions that a thread takes from the store in advance, so that not every request
// needs a question. Pure arithmetic for limiter.ts.
//
// Why there are never more than N, even with leases: the store counts each admission for a window and a
// lease's life, so its window is that much longer than the limit's. A lease that the store gave at `e` is used
// between e and e + life. Take any period of a window's length, [s, s + W), and all leases that were used in
// it. The store gave the last of them at e' < s + W. Every other one, given at e < e', was used at s or later,
// so e + life >= s > e' - W, which means e > e' - W - life: the store still counted it when it gave the last
// one. So all of them together are at most N. A request that is admitted without a lease is a lease that is
// used at once.
//
// The cost: a share of life / (W + life) of N comes later than it could, which is 1.5 %. And what is leased
// but not used is missing until it leaves the store's window. So a lease is at most a quarter of what the
// client has just used in a lease's life, and at most a sixteenth of what is left above half of the limit.
// For a client that has used more than half, each request asks the store, and nothing is lost. (Leases of a
// sixteenth of the limit, regardless of use, cost 20 % of 300/s on a busy machine.)

/** With smaller limits every request asks the store: a sixteenth of fewer is not worth the waste. */
const LEASING_COUNT_MIN = 100;
const LEASE_SHARE = 1 / 16;
const USE_SHARE = 1 / 4;
const LIFE_SHARE = 1 / 64;
const LIFE_MS_MAX = 250;
/** A shorter lease would be over before it is used. */
const LIFE_MS_MIN = 5;
/** The clocks of the store and of this server may differ in speed, by far less than this allows. */
const CLOCK_MARGIN = 0.99;

export interface LeaseTerms {
  /** The time from the question for a lease to its last possible use. */
  readonly lifeMs: number;
  /** Nothing is leased while less than this is left in a window. */
  readonly reserve: number;
}

/** Undefined for a limit that is not leased. */
export function leaseTerms(limit: {
  readonly count: number;
  readonly windowMs: number;
}): LeaseTerms | undefined {
  const lifeMs = Math.min(LIFE_MS_MAX, limit.windowMs * LIFE_SHARE);
  if (limit.count < LEASING_COUNT_MIN || lifeMs < LIFE_MS_MIN) return undefined;
  return { lifeMs, reserve: limit.count / 2 };
}

/** A client's lease in one thread. */
export class Lease {
  readonly #terms: LeaseTerms;
  #left = 0;
  #endsMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;
  #admittedThen = 0;

  constructor(terms: LeaseTerms) {
    this.#terms = terms;
  }

  /** Admissions that are left in the lease at that moment. */
  leftAt(nowMs: number): number {
    return nowMs < this.#endsMs ? this.#left : 0;
  }

  /** Uses one admission of the lease. */
  use(): void {
    this.#left--;
  }

  /**
   * How many admissions to ask for in advance, based on what the client has used since the last question.
   * None when that is long ago, or when some of the last lease was not used.
   * @param remaining what was left in the store's window after the last question
   */
  sizeAt(nowMs: number, remaining: number): number {
    const { lifeMs, reserve } = this.#terms;
    const elapsedMs = nowMs - this.#askedMs;
    if (this.#left > 0 || elapsedMs > lifeMs) return 0;
    const perLife = (this.#admittedThen * lifeMs) / Math.max(elapsedMs, 1);
    const share = Math.min((remaining - reserve) * LEASE_SHARE, perLife * USE_SHARE);
    return Math.max(0, Math.floor(share));
  }

  /** @param left how many of the admitted ones no request was waiting for */
  take(askedMs: number, admitted: number, left: number): void {
    this.#askedMs = askedMs;
    this.#admittedThen = admitted;
    this.#left = left;
    this.#endsMs = askedMs + this.#terms.lifeMs * CLOCK_MARGIN;
  }
}
