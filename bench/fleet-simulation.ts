// Seconds of a fleet, request by request: who asks the store, and who is refused without. Pure but for
// its random numbers, which are of a seed. Called by fleet-growth.ts.

import { RandomNumbers } from "../test/fuzz/random-numbers.ts";

export interface FleetOptions {
  readonly instanceCount: number;
  readonly requestsPerSecond: number;
  /** Most ask now and then. */
  readonly clientCount: number;
  /** A few ask all the time. */
  readonly spammerCount: number;
  /** Of all requests, those of the spammers. */
  readonly spamShare: number;
  readonly limit: { readonly count: number; readonly windowMs: number };
  readonly seconds: number;
  readonly seed?: number;
}

export interface FleetCalls {
  readonly askedPerSecond: number;
  readonly refusedLocallyPerSecond: number;
  readonly admittedPerSecond: number;
}

/** Requests come at even distances, each of a random client to a random server. */
export function simulateFleet(options: FleetOptions): FleetCalls {
  const { instanceCount, requestsPerSecond, clientCount, spammerCount, limit, seconds } = options;
  const random = new RandomNumbers(options.seed ?? 1);
  const windows = new Map<number, number[]>();
  /** By server and client: until when it is refused there without a question. */
  const fullUntilMs = new Map<number, number>();
  let asked = 0;
  let refusedLocally = 0;
  let admitted = 0;
  const total = requestsPerSecond * seconds;
  for (let request = 0; request < total; request++) {
    const nowMs = (request * 1000) / requestsPerSecond;
    const isSpam = random.below(1000) < options.spamShare * 1000;
    const client = random.below(isSpam ? spammerCount : clientCount);
    const name = isSpam ? client : spammerCount + client;
    const instance = random.below(instanceCount);
    const place = name * instanceCount + instance;
    if (nowMs < (fullUntilMs.get(place) ?? 0)) {
      refusedLocally++;
      continue;
    }
    asked++;
    const times = windows.get(name) ?? [];
    if (times.length === limit.count && times[0]! > nowMs - limit.windowMs) {
      fullUntilMs.set(place, times[0]! + limit.windowMs);
      continue;
    }
    if (times.length === limit.count) times.shift();
    times.push(nowMs);
    windows.set(name, times);
    admitted++;
    // The answer to the last that fits says so too.
    if (times.length === limit.count && times[0]! > nowMs - limit.windowMs) {
      fullUntilMs.set(place, times[0]! + limit.windowMs);
    }
  }
  return {
    askedPerSecond: asked / seconds,
    refusedLocallyPerSecond: refusedLocally / seconds,
    admittedPerSecond: admitted / seconds,
  };
}
