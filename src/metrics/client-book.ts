// The main thread's book of the clients that the threads have told of (client-tally.ts): what each was
// given and refused since it is in the book, and how busy it is. Bounded: the idlest are forgotten.

import type { ClientGain } from "./client-tally.ts";

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
  private readonly clientsMax: number;
  /** The one that was told of the longest ago first. */
  private readonly entries = new Map<string, Entry>();

  constructor(clientsMax = CLIENTS_MAX) {
    this.clientsMax = clientsMax;
  }

  add(gains: readonly ClientGain[]): void {
    for (const gain of gains) {
      const entry = this.entries.get(gain.client) ?? newEntry();
      entry.admitted += gain.admitted;
      entry.refused += gain.refused;
      entry.gained += gain.admitted + gain.refused;
      entry.lastSeenMs = Math.max(entry.lastSeenMs, gain.lastSeenMs);
      this.entries.delete(gain.client);
      this.entries.set(gain.client, entry);
    }
    for (const client of this.entries.keys()) {
      if (this.entries.size <= this.clientsMax) break;
      this.entries.delete(client);
    }
  }

  /** So much time has passed since the last call: rates are of that time. */
  advance(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    for (const entry of this.entries.values()) {
      entry.requestsPerSecond = (entry.gained * 1000) / elapsedMs;
      entry.gained = 0;
    }
  }

  /**
   * Those seen at `sinceMs` or later, the busiest first, at most `clientsMax`; and how many more there are.
   */
  busiest(sinceMs: number, clientsMax: number): { clients: BookedClient[]; others: number } {
    const recent = Array.from(this.entries)
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
