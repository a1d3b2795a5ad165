// Who asks for how much: in each server thread a tally for each client that asked lately, handed to the
// main thread a few times a second (client-book.ts). Counting is an addition; no message for a request.
// Bounded: with ever new clients the oldest that nobody has read of are let go.

/** What a client gained since the last report. */
export interface ClientGain {
  /** As the limit names it: an IPv4 address, or an IPv6 /64 or other prefix. */
  readonly client: string;
  readonly admitted: number;
  readonly refused: number;
  /** Monotonic ms of its latest request. */
  readonly lastSeenMs: number;
}

/** One client's count in one thread; kept by its connections. */
export interface ClientTally {
  readonly client: string;
  admitted: number;
  refused: number;
  lastSeenMs: number;
  isWaiting: boolean;
}

/** Clients that wait for the next report, at most. */
const WAITING_MAX = 4096;
/** Clients of one report: some 60 KB. */
const REPORTED_MAX = 1000;

export class ClientTallies {
  private readonly waiting = new Set<ClientTally>();

  /** A tally for a client that this thread does not know yet. */
  open(client: string): ClientTally {
    return { client, admitted: 0, refused: 0, lastSeenMs: 0, isWaiting: false };
  }

  /** One request more. */
  count(tally: ClientTally, isRefused: boolean, nowMs: number): void {
    if (isRefused) tally.refused++;
    else tally.admitted++;
    tally.lastSeenMs = nowMs;
    if (!tally.isWaiting) this.await(tally);
  }

  /** What was gained since the last report, for as many clients as a report has room for. */
  report(): ClientGain[] {
    const gains: ClientGain[] = [];
    for (const tally of this.waiting) {
      if (gains.length === REPORTED_MAX) break;
      const { client, admitted, refused, lastSeenMs } = tally;
      gains.push({ client, admitted, refused, lastSeenMs });
      this.clear(tally);
    }
    return gains;
  }

  private await(tally: ClientTally): void {
    tally.isWaiting = true;
    if (this.waiting.size === WAITING_MAX) {
      const [oldest] = this.waiting;
      if (oldest !== undefined) this.clear(oldest);
    }
    this.waiting.add(tally);
  }

  private clear(tally: ClientTally): void {
    tally.admitted = 0;
    tally.refused = 0;
    tally.isWaiting = false;
    this.waiting.delete(tally);
  }
}
