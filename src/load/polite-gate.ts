// When a source may ask again so that the server need not refuse it. It sends one request and learns
// from its answer how many are left; it sends those, and when none is left it waits as told and asks
// with one request again. One for each source; pure state, used by thread-run.ts with `--polite`.

import type { LimitNews } from "./limit-fields.ts";

/** The server's clock may tick a little later than ours. */
const slackMs = 2;
/** Where a refusal tells no time. */
const untoldWaitMs = 1000;

export class PoliteGate {
  #windowMs: number | undefined;
  /** How many may be sent before the next wait; one, to ask what the limit is. */
  #leftCount = 1;
  #isAsking = true;
  #inFlightCount = 0;
  #opensAtMs = 0;

  /** Moment from which one more may be sent; infinite while an answer must come first. */
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
    this.#askAt(nowMs + (news.waitMs ?? this.#windowMs ?? untoldWaitMs) + slackMs);
  }

  /** There was no answer: the server may have counted the request, or not. */
  onFailure(nowMs: number): void {
    this.#inFlightCount--;
    if (this.#leftCount > 0 || this.#inFlightCount > 0) return;
    this.#askAt(nowMs + (this.#windowMs ?? 0));
  }

  #countLeft({ remaining, policy }: LimitNews): number {
    if (remaining !== undefined) {
      // What is on its way may not be counted yet in what the answer tells.
      const toldCount = Math.max(0, remaining - this.#inFlightCount);
      return this.#isAsking ? toldCount : Math.min(this.#leftCount, toldCount);
    }
    if (!this.#isAsking) return this.#leftCount;
    // A server that tells of no limit is not waited for.
    return policy === undefined ? Number.POSITIVE_INFINITY : policy.count - 1;
  }

  #askAt(ms: number): void {
    this.#opensAtMs = ms;
    this.#leftCount = 1;
    this.#isAsking = true;
  }
}
