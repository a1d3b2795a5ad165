// Leases of large limits: admissions that a thread takes from the store in advance, so that not each
// request asks it. Pure arithmetic; used by fleet-limiter.ts.
//
// Never more than N, with leases. The store counts each admission for a window and a lease's life, that
// is, its window is that much longer than the limit's. A lease that the store gave at `e` is used from e
// to e + life at the latest. Take any period of a window's length, [s, s + W), and of the grants that
// were used in it the last one given, at e' < s + W. Every other such grant, given at e < e', has a use
// at s or later, so e + life >= s > e' - W, which is e > e' - W - life: the store still counted it when
// it gave the last one. So all of them together are at most N. A request that is let through without a
// lease is a lease that is used at once.
//
// The cost: of N in a window, a share of life / (W + life) is given later: 1.5 %. And what is leased and
// not used is missing until it leaves the store's window. So a lease is a quarter of what the client has
// just been using in the time that it lives, and a sixteenth of what is left above half of the limit: a
// client that uses more than half asks each time, and loses nothing. (Leases of a sixteenth of the limit, whatever
// was used and left, cost 20 % of 300/s on a busy machine.)

/** Below it each request asks: a sixteenth of fewer is not worth its waste. */
const LEASING_COUNT_MIN = 100;
const LEASE_SHARE = 1 / 16;
const USE_SHARE = 1 / 4;
const LIFE_SHARE = 1 / 64;
const LIFE_MS_MAX = 250;
/** Shorter ones are over before they are used. */
const LIFE_MS_MIN = 5;
/** The store's clock and ours may differ in speed; the least that counts as a hundredth. */
const CLOCK_MARGIN = 0.99;

export interface LeaseTerms {
  /** From when it was asked for to its last use. */
  readonly lifeMs: number;
  /** Nothing is leased while less than this is left in a window. */
  readonly reserve: number;
}

/** undefined: limits that are not leased. */
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
  private readonly terms: LeaseTerms;
  private left = 0;
  private endsMs = Number.NEGATIVE_INFINITY;
  private askedMs = Number.NEGATIVE_INFINITY;
  private admittedThen = 0;

  constructor(terms: LeaseTerms) {
    this.terms = terms;
  }

  /** Admissions that are left in it at that moment. */
  leftAt(nowMs: number): number {
    return nowMs < this.endsMs ? this.left : 0;
  }

  /** Uses one of those that are left. */
  use(): void {
    this.left--;
  }

  /**
   * How many more to ask for than are wanted now, going by what the client has used since it last asked.
   * Nothing when that is long ago, or when some of it was not used.
   * @param remaining what was left in the store's window then
   */
  sizeAt(nowMs: number, remaining: number): number {
    const { lifeMs, reserve } = this.terms;
    const elapsedMs = nowMs - this.askedMs;
    if (this.left > 0 || elapsedMs > lifeMs) return 0;
    const perLife = (this.admittedThen * lifeMs) / Math.max(elapsedMs, 1);
    const share = Math.min((remaining - reserve) * LEASE_SHARE, perLife * USE_SHARE);
    return Math.max(0, Math.floor(share));
  }

  /** @param left of those admitted, the ones that no request waited for */
  take(askedMs: number, admitted: number, left: number): void {
    this.askedMs = askedMs;
    this.admittedThen = admitted;
    this.left = left;
    this.endsMs = askedMs + this.terms.lifeMs * CLOCK_MARGIN;
  }
}
