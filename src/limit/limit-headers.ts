// What an answer says about the limit: RateLimit-Policy and RateLimit (IETF draft "RateLimit header
// fields for HTTP", revision 11) and, on a refusal, Retry-After (RFC 9110 §10.2.3). Pure.

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

/**
 * The state after one request: `r` admissions are left; in `t` seconds one leaves the window. The
 * draft knows whole seconds only, so the exact time of a refusal stands in a parameter of our own.
 */
export function formatStateFields(admission: Admission): string {
  const state = `RateLimit: "default";r=${admission.remaining};t=${retryAfterSeconds(admission.waitMs)}`;
  if (admission.admitted) return `${state}\r\n`;
  // Rounded up to the millisecond, for the same reason as the seconds.
  const exactSeconds = (Math.ceil(admission.waitMs) / 1000).toFixed(3);
  const retryAfter = retryAfterSeconds(admission.waitMs);
  return `${state};weir-t=${exactSeconds}\r\nRetry-After: ${retryAfter}\r\n`;
}
