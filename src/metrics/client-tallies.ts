// Which client sends how many requests? Each server thread has a tally for each recent client and reports the
// tallies to the main thread a few times a second, so a request costs an addition and no message. The number
// of tallies that wait for a report is bounded: when too many clients are new, the oldest tallies are lost.

/** The requests of a client since the last report. */
export interface ClientGain {
  /** Its name in the limit: an IPv4 address, or the first bits of an IPv6 address. */
  readonly client: string;
  readonly admitted: number;
  readonly refused: number;
  /** Monotonic ms of its latest request. */
  readonly lastSeenMs: number;
}

/** One client's counts in one thread. Its connections hold on to it. */
export interface ClientTally {
  readonly client: string;
  admitted: number;
  refused: number;
  lastSeenMs: number;
  isWaiting: boolean;
}

/** The most clients that wait for the next report. */
const WAITING_MAX = 4096;
/** The most clients in one report, which makes about 60 KB. */
const REPORTED_MAX = 1000;

export class ClientTallies {
  readonly #waiting = new Set<ClientTally>();

  /** A tally for a client that this thread does not know yet. */
  open(client: string): ClientTally {
    return { client, admitted: 0, refused: 0, lastSeenMs: 0, isWaiting: false };
  }

  /** Counts one request. */
  count(tally: ClientTally, isRefused: boolean, nowMs: number): void {
    if (isRefused) tally.refused++;
    else tally.admitted++;
    tally.lastSeenMs = nowMs;
    if (!tally.isWaiting) this.#await(tally);
  }

  /** The requests since the last report, of as many clients as one report has room for. */
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

// The main thread's book of the clients that the threads have reported: how many of its requests were
// admitted and refused since it is in the book, and how busy it is. When the book is full, the client whose
// latest report is oldest is forgotten.

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

/** About 2 MB, and more clients than a person reads about. */
const CLIENTS_MAX = 10_000;

export class ClientBook {
  readonly #clientsMax: number;
  /** The client whose latest report is oldest comes first. */
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

  /** Computes the rates over the time since the last call. */
  advance(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    for (const entry of this.#entries.values()) {
      entry.requestsPerSecond = (entry.gained * 1000) / elapsedMs;
      entry.gained = 0;
    }
  }

  /**
   * The clients seen at `sinceMs` or later, the busiest first, at most `clientsMax`; and how many more there are.
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

/** The order of clients: by rate, and after all of those the clients that send nothing now, by their requests. */
function rank({ requestsPerSecond, admitted, refused }: Entry): number {
  return requestsPerSecond > 0 ? 1e15 + requestsPerSecond : admitted + refused;
}
