// Reads what a server says about its limit, and uses it: to check whether the server keeps its word
// (RetryAfterCheck), and to know when a polite client may ask again (PoliteGate). The fields are
// RateLimit-Policy and RateLimit (IETF draft "RateLimit header fields for HTTP") and Retry-After
// (RFC 9110 §10.2.3). Pure state, one of each for every source address; used by thread-run.ts.

import { parseRetryAfter } from "../http/field-values.ts";
import type { Exchange } from "./pipelined-connection.ts";
import type { ClassCounts } from "./result.ts";

export interface LimitPolicy {
  readonly count: number;
  readonly windowMs: number;
}

export interface LimitNews {
  /** The text of the field. */
  readonly policyText: string | undefined;
  /** The policy with the fewest requests left if there are several, otherwise the first. */
  readonly policy: LimitPolicy | undefined;
  readonly remaining: number | undefined;
  /** How long to wait before asking again, from the most exact field of the answer. */
  readonly waitMs: number | undefined;
}

type Item = { readonly name: string; readonly parameters: ReadonlyMap<string, number> };

/**
 * A field that cannot be read says nothing, because a client must not fail over it.
 * @param fields by lower-case name
 * @param wallMs now, for a Retry-After that is a date
 */
export function readLimitNews(fields: ReadonlyMap<string, string>, wallMs: number): LimitNews {
  const policyText = fields.get("ratelimit-policy");
  const policies = parseItems(policyText ?? "");
  const states = parseItems(fields.get("ratelimit") ?? "").filter(hasRemaining);
  const state = states.reduce<Item | undefined>(
    (least, item) => (least && remainingOf(least) <= remainingOf(item) ? least : item),
    undefined,
  );
  const policy = policies.find(({ name }) => name === state?.name) ?? policies[0];
  const retryAfter = fields.get("retry-after");
  const exactSeconds = state?.parameters.get("weir-t");
  const waitMs =
    toMs(exactSeconds) ??
    (retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, wallMs)) ??
    toMs(state?.parameters.get("t"));
  return {
    policyText,
    policy: policy && toPolicy(policy),
    remaining: state?.parameters.get("r"),
    waitMs,
  };
}

/** Reads `"default";q=5;w=1, "day";q=100;w=86400`: quoted names with numbers as parameters. */
function parseItems(value: string): Item[] {
  return value.split(",").flatMap((part): Item[] => {
    const [, name, rest] = /^[\t ]*"([^"]*)"((?:[\t ]*;[^;]*)*)$/.exec(part) ?? [];
    if (name === undefined || rest === undefined) return [];
    const pairs = Array.from(rest.matchAll(/;[\t ]*([a-z*][a-z0-9_.*-]*)=(\d{1,12}(?:\.\d+)?)/g));
    return [{ name, parameters: new Map(pairs.map(([, key, number]) => [key!, Number(number)])) }];
  });
}

function hasRemaining({ parameters }: Item): boolean {
  return parameters.has("r");
}

function remainingOf({ parameters }: Item): number {
  return parameters.get("r")!;
}

function toPolicy({ parameters }: Item): LimitPolicy | undefined {
  const [count, windowMs] = [parameters.get("q"), toMs(parameters.get("w"))];
  return count === undefined || windowMs === undefined ? undefined : { count, windowMs };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000 - 1e-6);
}

/** The counts of one or several sources; see `LimitCheck`. */
export interface RetryAfterCounts {
  told: number;
  kept: number;
  broken: number;
  waitMsMin: number;
  waitMsMax: number;
  policy: string | undefined;
}

/** No refusal yet. */
export function newRetryAfterCounts(): RetryAfterCounts {
  const none = { told: 0, kept: 0, broken: 0, waitMsMax: 0, policy: undefined };
  return { ...none, waitMsMin: Number.POSITIVE_INFINITY };
}

/**
 * Whether the server keeps its word: a refusal says how long to wait, and a client that asks again no
 * sooner must be admitted. It counts only what can be said with certainty.
 */
export class RetryAfterCheck {
  readonly #counts: RetryAfterCounts;
  /** The moment from which a request must be admitted; undefined while there is nothing to check. */
  #toldUntilMs: number | undefined;
  #inFlightCount = 0;
  /** Since the check was sent, no other request of this source was on its way. */
  #isAlone = false;

  /** `counts` may be shared with other sources. */
  constructor(counts: RetryAfterCounts) {
    this.#counts = counts;
  }

  onSend(exchange: Exchange): void {
    const isCheck = this.#toldUntilMs !== undefined && exchange.sentMs >= this.#toldUntilMs;
    this.#isAlone = isCheck && this.#inFlightCount === 0;
    this.#inFlightCount++;
    if (!isCheck) return;
    exchange.isCheck = true;
    this.#toldUntilMs = undefined;
  }

  onAnswer(
    { isCheck, isRetried }: Exchange,
    counted: keyof ClassCounts,
    news: LimitNews | undefined,
    nowMs: number,
  ): void {
    this.#inFlightCount--;
    // A 404 has passed the limit as well.
    const hasPassed = counted !== "refused";
    if (isCheck && hasPassed) this.#counts.kept++;
    // Another request of this source may have been admitted in between and used the free place.
    if (isCheck && !hasPassed && this.#isAlone && !isRetried) this.#counts.broken++;
    if (hasPassed) this.#toldUntilMs = undefined;
    this.#counts.policy ??= news?.policyText;
    if (hasPassed || news?.waitMs === undefined) return;
    this.#counts.told++;
    this.#counts.waitMsMin = Math.min(this.#counts.waitMsMin, news.waitMs);
    this.#counts.waitMsMax = Math.max(this.#counts.waitMsMax, news.waitMs);
    this.#toldUntilMs = nowMs + news.waitMs;
  }

  onFailure(): void {
    this.#inFlightCount--;
    // The server may or may not have counted it.
    this.#isAlone = false;
  }
}

/** The server's clock may run a little behind ours. */
const SLACK_MS = 2;
/** Used when a refusal does not say how long to wait. */
const DEFAULT_WAIT_MS = 1000;

/**
 * When a source may ask again so that the server need not refuse it. The source sends one request and
 * learns from its answer how many are left. It sends those, and when none is left it waits as told and
 * asks with one request again.
 */
export class PoliteGate {
  #windowMs: number | undefined;
  /** How many requests may be sent before the next wait. The first one only asks what the limit is. */
  #leftCount = 1;
  #isAsking = true;
  #inFlightCount = 0;
  #opensAtMs = 0;

  /** The moment from which one more request may be sent; infinite while an answer must come first. */
  get opensAtMs(): number {
    return this.#leftCount > 0 ? this.#opensAtMs : Number.POSITIVE_INFINITY;
  }

  onSend(): void {
    this.#leftCount--;
    this.#inFlightCount++;
  }

  onAnswer(isRefused: boolean, news: LimitNews, nowMs: number): void {
    this.#inFlightCount--;
    this.#windowMs = news.policy?.windowMs ?? this.#windowMs;
    this.#leftCount = isRefused ? 0 : this.#countLeft(news);
    this.#isAsking = false;
    if (this.#leftCount > 0 || this.#inFlightCount > 0) return;
    this.#askAt(nowMs + (news.waitMs ?? this.#windowMs ?? DEFAULT_WAIT_MS) + SLACK_MS);
  }

  /** There was no answer. The server may or may not have counted the request. */
  onFailure(nowMs: number): void {
    this.#inFlightCount--;
    if (this.#leftCount > 0 || this.#inFlightCount > 0) return;
    this.#askAt(nowMs + (this.#windowMs ?? 0));
  }

  #countLeft({ remaining, policy }: LimitNews): number {
    if (remaining !== undefined) {
      // The answer may not count requests that are still on their way.
      const toldCount = Math.max(0, remaining - this.#inFlightCount);
      return this.#isAsking ? toldCount : Math.min(this.#leftCount, toldCount);
    }
    if (!this.#isAsking) return this.#leftCount;
    // A server without a limit needs no waiting.
    return policy === undefined ? Number.POSITIVE_INFINITY : policy.count - 1;
  }

  #askAt(ms: number): void {
    this.#opensAtMs = ms;
    this.#leftCount = 1;
    this.#isAsking = true;
  }
}
