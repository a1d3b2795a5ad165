// Whether the store is asked at all: closed, it is; open, it is not, since it has failed a moment ago;
// half-open, one probe is on its way. A state machine without a clock or a timer of its own: the time is
// handed in. Used by store-link.ts.

import { type DelayBounds, retryDelayMs } from "./reconnect-delay.ts";

export class CircuitBreaker {
  private readonly bounds: DelayBounds;
  private readonly chance: () => number;
  private state: "closed" | "open" | "half-open" = "open";
  private failures = 0;
  private probeDueMs = Number.NEGATIVE_INFINITY;

  /** Open at first, with a probe due: nothing is known of the store. @param chance 0 to 1 */
  constructor(bounds: DelayBounds, chance: () => number) {
    this.bounds = bounds;
    this.chance = chance;
  }

  get isClosed(): boolean {
    return this.state === "closed";
  }

  /** Something failed. While it is open that is of something asked earlier, and tells nothing new. */
  fail(nowMs: number): void {
    if (this.state === "open") return;
    this.failures++;
    this.state = "open";
    this.probeDueMs = nowMs + retryDelayMs(this.bounds, this.failures, this.chance());
  }

  /** The probe was answered. An answer to something that was asked earlier closes nothing. */
  succeed(): void {
    if (this.state !== "half-open") return;
    this.state = "closed";
    this.failures = 0;
  }

  /** There is a reason to believe that the store is back: the probe is due now. */
  hurry(): void {
    this.probeDueMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether the caller shall probe now, and say how it went */
  beginProbe(nowMs: number): boolean {
    if (this.state !== "open" || nowMs < this.probeDueMs) return false;
    this.state = "half-open";
    return true;
  }
}
