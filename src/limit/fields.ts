// The fields of an answer that are about the limit: RateLimit-Policy and RateLimit (IETF draft "RateLimit
// header fields for HTTP", revision 11) and, on a refusal, Retry-After (RFC 9110 §10.2.3). Pure.

import { RecentMap } from "../base/recent-map.ts";
import type { Field, Fields, UseFields } from "../http/reply.ts";
import type { Admission } from "./window.ts";

export interface LimitPolicy {
  readonly count: number;
  readonly windowMs: number;
}

/** The policy, which never changes while the server runs. */
export function policyField({ count, windowMs }: LimitPolicy): Field {
  return ["RateLimit-Policy", `"default";q=${count};w=${windowMs / 1000}`];
}

/**
 * Whole seconds, rounded up, so that a client that waits for them is admitted. At least 1, because a wait of
 * 0 says nothing.
 */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}

const NAME = "RateLimit";
const LEFT_BEFORE = '"default";r=';
/** The texts around the number are the same in most answers, so each is made once. */
const TEXTS_MAX = 4096;

interface RefusalTexts {
  readonly before: string;
  readonly others: Fields;
}

/** The fields of answers under one limit. */
export class LimitFields {
  readonly #policy: Field;
  readonly #admittedOthers: Fields;
  /** From the answer before. The next one is nearly always the same. */
  #lastSeconds = 0;
  #lastAfter = "";
  readonly #refusals = new RecentMap<number, RefusalTexts>(TEXTS_MAX);

  constructor(policy: LimitPolicy) {
    this.#policy = policyField(policy);
    this.#admittedOthers = [this.#policy];
  }

  /**
   * The state after one request: `r` admissions are left, and in `t` seconds one leaves the window. The draft
   * has only whole seconds, so a parameter of our own gives the exact time of a refusal.
   */
  of({ kind, remaining, waitMs }: Admission): UseFields {
    const seconds = retryAfterSeconds(waitMs);
    if (kind !== "admitted") return this.#ofRefusal(seconds, waitMs);
    if (seconds !== this.#lastSeconds) {
      this.#lastSeconds = seconds;
      this.#lastAfter = `;t=${seconds}`;
    }
    const others = this.#admittedOthers;
    const after = this.#lastAfter;
    return { others, name: NAME, before: LEFT_BEFORE, count: remaining, digitsMin: 1, after };
  }

  #ofRefusal(seconds: number, waitMs: number): UseFields {
    // Rounded up to the millisecond, for the same reason as the seconds.
    const exactMs = Math.ceil(waitMs);
    const whole = Math.floor(exactMs / 1000);
    // The whole seconds are those rounded up, or one less, so one number is the key for both.
    const key = seconds * 2 + (seconds - whole === 0 ? 1 : 0);
    let texts = this.#refusals.get(key);
    if (texts === undefined) {
      texts = {
        before: `${LEFT_BEFORE}0;t=${seconds};weir-t=${whole}.`,
        others: [this.#policy, ["Retry-After", String(seconds)]],
      };
      this.#refusals.set(key, texts);
    }
    const { before, others } = texts;
    return { others, name: NAME, before, count: exactMs - whole * 1000, digitsMin: 3, after: "" };
  }
}
