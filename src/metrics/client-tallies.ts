// Who asks for how much: in each server thread a tally for each client that asked lately, handed to the
// main thread a few times a second. Counting is an addition; no message for a request.
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
  readonly #waiting = new Set<ClientTally>();

  /** A tally for a client that this thread does not know yet. */
  open(client: string): ClientTally {
    return { client, admitted: 0, refused: 0, lastSeenMs: 0, isWaiting: false };
  }

  /** One request more. */
  count(tally: ClientTally, isRefused: boolean, nowMs: number): void {
    if (isRefused) tally.refused++;
    else tally.admitted++;
    tally.lastSeenMs = nowMs;
    if (!tally.isWaiting) this.#await(tally);
  }

  /** What was gained since the last report, for as many clients as a report has room for. */
  report(): ClientGain[] {
    const gains: ClientGain[] = [];
    for (const tally of this.#waiting) {
      if (gains.length === REPORTED_MAX) break;
      const { client, admitted, refused, lastSeenMs } = tally;
      gains.push({ client, admitted, refused, lastSeenMs });
      this.#clear(tally);
    }
    return gains;
  }

  #await(tally: ClientTally): void {
    tally.isWaiting = true;
    if (this.#waiting.size === WAITING_MAX) {
      const [oldest] = this.#waiting;
      if (oldest !== undefined) this.#clear(oldest);
    }
    this.#waiting.add(tally);
  }

  #clear(tally: ClientTally): void {
    tally.admitted = 0;
    tally.refused = 0;
    tally.isWaiting = false;
    this.#waiting.delete(tally);
  }
}

// The main thread's book of the clients that the threads have told of: what each was
// given and refused since it is in the book, and how busy it is. Bounded: the idlest are forgotten.

export interface BookedClient {
  readonly client: string;
  readonly admitted: number;
  readonly refused: number;
  readonly requestsPerSecond: number;
  /** Monotonic ms. */
  readonly lastSeenMs: number;
}

interface Entry {
  admitted: number;
  refused: number;
  lastSeenMs: number;
  /** Requests since the last call of `advance`. */
  gained: number;
  requestsPerSecond: number;
}

/** Some 2 MB; more clients than anybody reads of. */
const CLIENTS_MAX = 10_000;

export class ClientBook {
  readonly #clientsMax: number;
  /** The one that was told of the longest ago first. */
  readonly #entries = new Map<string, Entry>();

  constructor(clientsMax = CLIENTS_MAX) {
    this.#clientsMax = clientsMax;
  }

  add(gains: readonly ClientGain[]): void {
    for (const gain of gains) {
      const entry = this.#entries.get(gain.client) ?? newEntry();
      entry.admitted += gain.admitted;
      entry.refused += gain.refused;
      entry.gained += gain.admitted + gain.refused;
      entry.lastSeenMs = Math.max(entry.lastSeenMs, gain.lastSeenMs);
      this.#entries.delete(gain.client);
      this.#entries.set(gain.client, entry);
    }
    for (const client of this.#entries.keys()) {
      if (this.#entries.size <= this.#clientsMax) break;
      this.#entries.delete(client);
    }
  }

  /** So much time has passed since the last call: rates are of that time. */
  advance(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    for (const entry of this.#entries.values()) {
      entry.requestsPerSecond = (entry.gained * 1000) / elapsedMs;
      entry.gained = 0;
    }
  }

  /**
   * Those seen at `sinceMs` or later, the busiest first, at most `clientsMax`; and how many more there are.
   */
  busiest(sinceMs: number, clientsMax: number): { clients: BookedClient[]; others: number } {
    const recent = Array.from(this.#entries)
      .filter(([, entry]) => entry.lastSeenMs >= sinceMs)
      .sort(([, a], [, b]) => rank(b) - rank(a) || b.lastSeenMs - a.lastSeenMs)
      .map(([client, entry]) => ({
        client,
        admitted: entry.admitted,
        refused: entry.refused,
        requestsPerSecond: entry.requestsPerSecond,
        lastSeenMs: entry.lastSeenMs,
      }));
    const clients = recent.slice(0, clientsMax);
    return { clients, others: recent.length - clients.length };
  }
}

function newEntry(): Entry {
  const lastSeenMs = Number.NEGATIVE_INFINITY;
  return { admitted: 0, refused: 0, lastSeenMs, gained: 0, requestsPerSecond: 0 };
}

/** The rate; among those that have just fallen silent, what they had. */
function rank({ requestsPerSecond, admitted, refused }: Entry): number {
  return requestsPerSecond > 0 ? 1e15 + requestsPerSecond : admitted + refused;
}
