// What an answer says about the limit: RateLimit-Policy and RateLimit (IETF draft "RateLimit header
// fields for HTTP", revision 11) and, on a refusal, Retry-After (RFC 9110 §10.2.3). Pure.

import { RecentMap } from "../base/recent-map.ts";
import type { CountedField } from "../http/counted-field.ts";
import type { Admission } from "./sliding-window.ts";

export interface LimitPolicy {
  readonly count: number;
  readonly windowMs: number;
}

/** The policy's field line, which never changes while the server runs. */
export function formatPolicyField(policy: LimitPolicy): string {
  return `RateLimit-Policy: "default";q=${policy.count};w=${policy.windowMs / 1000}\r\n`;
}

/** Whole seconds, rounded up: who waits as long as told is admitted. At least 1, 0 means nothing. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}

const LEFT_BEGINNING = 'RateLimit: "default";r=';
/** Texts around the number come again with most answers: each is one string, made once. */
const TEXTS_MAX = 4096;
const leftEnds = new RecentMap<number, string>(TEXTS_MAX);
const refusedBeginnings = new RecentMap<number, string>(TEXTS_MAX);
const refusedEnds = new RecentMap<number, string>(TEXTS_MAX);

/**
 * The state after one request: `r` admissions are left; in `t` seconds one leaves the window. The
 * draft knows whole seconds only, so the exact time of a refusal stands in a parameter of our own.
 */
export function stateField(admission: Admission): CountedField {
  const seconds = retryAfterSeconds(admission.waitMs);
  if (admission.admitted) {
    const end = leftEnds.get(seconds) ?? remember(leftEnds, seconds, `;t=${seconds}\r\n`);
    return { beginning: LEFT_BEGINNING, count: admission.remaining, digitsMin: 1, end };
  }
  // Rounded up to the millisecond, for the same reason as the seconds.
  const exactMs = Math.ceil(admission.waitMs);
  const whole = Math.floor(exactMs / 1000);
  // What is whole in it is at most what is rounded up, and one less or the same: one key for both.
  const key = seconds * 2 + (seconds - whole === 0 ? 1 : 0);
  const beginning =
    refusedBeginnings.get(key) ??
    remember(refusedBeginnings, key, `${LEFT_BEGINNING}0;t=${seconds};weir-t=${whole}.`);
  const end =
    refusedEnds.get(seconds) ?? remember(refusedEnds, seconds, `\r\nRetry-After: ${seconds}\r\n`);
  return { beginning, count: exactMs - whole * 1000, digitsMin: 3, end };
}

function remember(texts: RecentMap<number, string>, key: number, text: string): string {
  texts.set(key, text);
  return text;
}
