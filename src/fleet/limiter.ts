// The limit over several servers: each client's exact window lies in the store, and one script there decides
// (limit-script.ts). Each server thread has one FleetLimiter. One question asks for all requests of a client
// that came together. A client that was refused is refused here until its time comes. While the store is
// gone, --store-down decides. It knows neither sockets nor the request.
//
// server-thread.ts loads it only where a store is named: the store's client takes 50 to 80 ms to load.

import { assert } from "../base/assert.ts";
import { RecentMap } from "../base/recent-map.ts";
import { LIMIT_UNKNOWN, type Limiter, type SharedLimiter } from "../limit/limiter.ts";
import type { Admission, WindowShape } from "../limit/window.ts";
import type { KeyHash } from "../memory/shared-table.ts";
import { COMMAND_MS_MAX, type StoreAddress } from "./connection.ts";
import {
  Lease,
  type LeaseTerms,
  LIMIT_SCRIPT,
  leaseTerms,
  readWindowAnswers,
  type WindowAnswer,
} from "./limit-script.ts";
import { StoreLink, type StoreMetrics } from "./link.ts";

export interface FleetLimiterOptions {
  readonly link: Pick<StoreLink, "isUp" | "run">;
  /** This server's own window of each client, which holds a part of the one in the store. */
  readonly local: SharedLimiter;
  readonly shape: WindowShape;
  readonly prefix: string;
  readonly whenDown: "local" | "open" | "closed";
  readonly clock: { monotonicMs(): number };
  /** For tests with a time of their own. Otherwise the store's clock counts. */
  readonly storeTimeMs?: () => number;
}

export interface FleetLimitOptions extends Omit<FleetLimiterOptions, "link" | "prefix"> {
  readonly address: StoreAddress;
  readonly metrics: StoreMetrics | undefined;
  readonly onChange: (isUp: boolean, reason: string) => void;
}

export interface OpenFleetLimiter {
  readonly limiter: FleetLimiter;
  close(): void;
}

/** Settles when it is known whether the store is there. Without the store, --store-down decides. */
export async function openFleetLimiter(options: FleetLimitOptions): Promise<OpenFleetLimiter> {
  const { address, metrics, clock, onChange } = options;
  const scripts = [LIMIT_SCRIPT];
  const link = await StoreLink.open({ address, scripts, metrics, clock, onChange });
  const limiter = new FleetLimiter({ ...options, link, prefix: address.prefix });
  return { limiter, close: () => link.close() };
}

/** Each of the two generations of a RecentMap holds so many clients. */
const CLIENTS_MAX = 8192;

/** One call with so many clients takes the store far less than COMMAND_MS_MAX. */
const CLIENTS_PER_CALL_MAX = 64;

/** A request that waits for the store. */
interface Waiting {
  readonly client: KeyHash;
  readonly nowMs: number;
  readonly resolve: (admission: Admission) => void;
}

/** What a thread knows about a client. */
interface KnownClient {
  readonly key: string;
  readonly lease: Lease | undefined;
  /** The window is full until then. */
  fullUntilMs: number;
  /** What was left in the store's window after the last question. */
  remaining: number;
  /** The time when the next admission leaves that window. */
  leavesMs: number;
  isAsking: boolean;
  waiting: Waiting[];
}

/** A question to the store about one client. */
interface Question {
  readonly known: KnownClient;
  readonly asked: readonly Waiting[];
}

export class FleetLimiter implements Limiter {
  readonly #options: FleetLimiterOptions;
  readonly #terms: LeaseTerms | undefined;
  /** The limit's window and a lease's life. */
  readonly #storeWindowMs: number;
  /** The script's arguments that never change: admissions, microseconds, cells. */
  readonly #shapeArgs: readonly number[];
  readonly #keyBeginning: string;
  readonly #names = new WeakMap<KeyHash, string>();
  readonly #clients = new RecentMap<string, KnownClient>(CLIENTS_MAX);
  /** The clients of the question at the end of this turn of the event loop. */
  #toAsk: KnownClient[] = [];

  constructor(options: FleetLimiterOptions) {
    const { count, windowMs, cellCount } = options.shape;
    this.#options = options;
    this.#terms = leaseTerms(options.shape);
    this.#storeWindowMs = windowMs + (this.#terms?.lifeMs ?? 0);
    this.#shapeArgs = [count, Math.round(this.#storeWindowMs * 1000), cellCount];
    // Servers with different limits have separate windows, and never read each other's cells.
    this.#keyBeginning = `${options.prefix}limit:${count}/${windowMs}:`;
  }

  /**
   * Gives the limiter the name of a client (clients/clients.ts) before its first request. The name itself is
   * the key in the store, because hashes differ from server to server. A client cannot choose a name that
   * collides with others in the store's table, because the store hashes it with a secret of its own.
   */
  nameClient(client: KeyHash, name: string): void {
    this.#names.set(client, name);
  }

  admit(client: KeyHash, nowMs: number): Admission | Promise<Admission> {
    if (!this.#options.link.isUp) return this.#admitWithoutStore(client, nowMs);
    const known = this.#knownOf(client);
    const left = known.lease?.leftAt(nowMs) ?? 0;
    if (left > 0) return this.#admitFromLease(known, client, nowMs, left - 1);
    if (nowMs < known.fullUntilMs) return this.#refusal(known.fullUntilMs - nowMs);
    // What this server has admitted is a part of all: when that fills a window, the store's window is full too.
    const waitMs = this.#options.local.waitOf(client, nowMs);
    if (waitMs > 0) return this.#refusal(waitMs);
    return new Promise((resolve) => {
      known.waiting.push({ client, nowMs, resolve });
      if (known.isAsking) return;
      known.isAsking = true;
      this.#askLater(known);
    });
  }

  /** Asks together with all other clients of this turn of the event loop. */
  #askLater(known: KnownClient): void {
    if (this.#toAsk.push(known) === 1) setImmediate(() => this.#askForAll());
  }

  #knownOf(client: KeyHash): KnownClient {
    const name = this.#names.get(client);
    assert(name !== undefined, "a client has a name before its first request");
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const made: KnownClient = {
      key: this.#keyBeginning + name,
      lease: this.#terms && new Lease(this.#terms),
      fullUntilMs: Number.NEGATIVE_INFINITY,
      remaining: 0,
      leavesMs: 0,
      isAsking: false,
      waiting: [],
    };
    this.#clients.set(name, made);
    return made;
  }

  #admitFromLease(known: KnownClient, client: KeyHash, nowMs: number, left: number): Admission {
    known.lease?.use();
    this.#options.local.admit(client, nowMs);
    const waitMs = Math.max(0, known.leavesMs - nowMs);
    return { kind: "admitted", remaining: known.remaining + left, waitMs };
  }

  #admitWithoutStore(client: KeyHash, nowMs: number): Admission {
    const { whenDown, local, shape } = this.#options;
    if (whenDown === "local") return local.admit(client, nowMs);
    if (whenDown === "closed") return LIMIT_UNKNOWN;
    return { kind: "admitted", remaining: shape.count, waitMs: shape.windowMs };
  }

  #askForAll(): void {
    const clients = this.#toAsk;
    this.#toAsk = [];
    for (let first = 0; first < clients.length; first += CLIENTS_PER_CALL_MAX) {
      void this.#askFor(clients.slice(first, first + CLIENTS_PER_CALL_MAX));
    }
  }

  /** Asks for all waiting requests of these clients in one call. Never rejects. */
  async #askFor(clients: readonly KnownClient[]): Promise<void> {
    const questions = clients.map((known) => {
      const asked = known.waiting;
      known.waiting = [];
      return { known, asked };
    });
    const answered = await this.#ask(questions);
    for (const { known } of questions) this.#goOn(known, answered);
  }

  /** A client has one question at a time. The requests that have come meanwhile share the next one. */
  #goOn(known: KnownClient, answered: boolean): void {
    const later = known.waiting;
    // If there is no room, the same answer decides about the requests that have come meanwhile.
    const isFull = this.#options.clock.monotonicMs() < known.fullUntilMs;
    if (answered && !isFull && later.length > 0) {
      this.#askLater(known);
      return;
    }
    known.waiting = [];
    known.isAsking = false;
    for (const { client, nowMs, resolve } of later) {
      if (answered) resolve(this.#refusal(known.fullUntilMs - nowMs));
      else resolve(this.#admitWithoutStore(client, nowMs));
    }
  }

  /** @returns whether the store has answered; either way no request of these questions waits any more */
  async #ask(questions: readonly Question[]): Promise<boolean> {
    const { link, clock, storeTimeMs } = this.#options;
    const sentMs = clock.monotonicMs();
    const time = storeTimeMs === undefined ? "" : Math.round(storeTimeMs() * 1000);
    const wanted = questions.map((question) => this.#wantedOf(question, sentMs));
    // Some requests have already waited for the answer to an earlier question.
    const firstMs = Math.min(...questions.map(({ asked }) => asked[0]?.nowMs ?? sentMs));
    const leftMs = Math.max(1, COMMAND_MS_MAX - (sentMs - firstMs));
    try {
      const keys = questions.map(({ known }) => known.key);
      const args = [...this.#shapeArgs, time, ...wanted];
      const answers = readWindowAnswers(await link.run(LIMIT_SCRIPT, keys, args, leftMs));
      questions.forEach(({ known, asked }, index) => {
        this.#settle(known, asked, answers[index]!, sentMs);
      });
      return true;
    } catch {
      for (const { client, nowMs, resolve } of questions.flatMap(({ asked }) => asked)) {
        resolve(this.#admitWithoutStore(client, nowMs));
      }
      return false;
    }
  }

  #wantedOf({ known, asked }: Question, sentMs: number): number {
    const inAdvance = known.lease?.sizeAt(sentMs, known.remaining) ?? 0;
    return Math.min(this.#options.shape.count, asked.length + inAdvance);
  }

  #settle(
    known: KnownClient,
    asked: readonly Waiting[],
    { admitted, remaining, waitMs }: WindowAnswer,
    sentMs: number,
  ): void {
    const { clock } = this.#options;
    const left = Math.max(0, admitted - asked.length);
    known.lease?.take(sentMs, admitted, left);
    known.remaining = remaining;
    known.leavesMs = clock.monotonicMs() + waitMs;
    // Counted from now and not from the moment of the store's answer, so that a client that waits for this
    // long is not refused here.
    if (remaining === 0) known.fullUntilMs = known.leavesMs;
    for (const [index, { client, nowMs, resolve }] of asked.entries()) {
      if (index < admitted) {
        this.#recordLocally(client, nowMs);
        resolve({ kind: "admitted", remaining: remaining + admitted - 1 - index, waitMs });
      } else resolve(this.#refusal(waitMs));
    }
  }

  /**
   * Notes an admission in this server's own window, at the time of the request. That is before the store
   * admitted it, so it leaves this server's window first. If threads crossed each other it may not fit yet, and
   * is noted for the moment when it does.
   */
  #recordLocally(client: KeyHash, nowMs: number): void {
    const { local } = this.#options;
    const { kind, waitMs } = local.admit(client, nowMs);
    if (kind !== "admitted") local.admit(client, nowMs + waitMs);
  }

  #refusal(waitMs: number): Admission {
    const boundedMs = Math.min(this.#storeWindowMs, Math.max(0, waitMs));
    return { kind: "refused", remaining: 0, waitMs: boundedMs };
  }
}
