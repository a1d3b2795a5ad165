// Whether the server keeps its word: a refusal tells how long to wait, and who asks again no sooner
// must be admitted. One for each source address; counts only what can be told for certain. Pure state,
// used by thread-run.ts.

import type { LimitNews } from "./limit-fields.ts";
import type { ClassCounts } from "./load-result.ts";
import type { Exchange } from "./pipelined-connection.ts";

/** Of one or several sources; see `LimitCheck`. */
export interface ToldCounts {
  told: number;
  kept: number;
  broken: number;
  waitMsMin: number;
  waitMsMax: number;
  policy: string | undefined;
}

export function newToldCounts(): ToldCounts {
  const none = { told: 0, kept: 0, broken: 0, waitMsMax: 0, policy: undefined };
  return { ...none, waitMsMin: Number.POSITIVE_INFINITY };
}

export class ToldCheck {
  readonly #counts: ToldCounts;
  /** Moment from which a request must be admitted; undefined while nothing is to be checked. */
  #toldUntilMs: number | undefined;
  #inFlightCount = 0;
  /** Since the check was sent, nothing else of this source was on its way. */
  #isAlone = false;

  /** `counts` may be shared with other sources. */
  constructor(counts: ToldCounts) {
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
    // A 404 has passed the limit too.
    const hasPassed = counted !== "refused";
    if (isCheck && hasPassed) this.#counts.kept++;
    // A request of ours that was admitted in between may have used what the wait was for.
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
    // The server may have counted it, or not.
    this.#isAlone = false;
  }
}
