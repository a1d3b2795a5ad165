// The two clients of the fleet: one asks on many connections as fast as it is answered, one asks four
// times a second and waits for each answer. Each comes from an address of its own, through the proxy,
// and notes what it got. Used by main.ts.

import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { percentileOf } from "../../src/load/statistics.ts";
import { findCertainExcess, type Interval } from "../fixtures/admission-intervals.ts";

export interface ClientResult {
  readonly admitted: number;
  readonly refused: number;
  /** No answer, or one that neither served nor refused. */
  readonly failed: number;
  readonly p99Ms: number;
  /** What was admitted beyond doubt where it is more than so many in a second. */
  findExcess(count: number): string | undefined;
}

abstract class Client {
  answeredInAll = 0;
  readonly #url: string;
  readonly #agent: Agent;
  #isStopped = false;
  #admissions: Interval[] = [];
  #latenciesMs: number[] = [];
  #refused = 0;
  #failed = 0;
  readonly #work: Promise<unknown>;

  constructor(url: string, address: string, connectionCount: number) {
    this.#url = url;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: connectionCount,
      localAddress: address,
    });
    this.#work = Promise.all(Array.from({ length: connectionCount }, () => this.#askOn()));
  }

  /** How long it waits between an answer and the next request. */
  protected abstract pauseMs(tookMs: number): number;

  /** Forgets what was noted. */
  reset(): void {
    this.#admissions = [];
    this.#latenciesMs = [];
    this.#refused = 0;
    this.#failed = 0;
  }

  result(): ClientResult {
    const admissions = this.#admissions;
    return {
      admitted: admissions.length,
      refused: this.#refused,
      failed: this.#failed,
      p99Ms: percentileOf(Float64Array.from(this.#latenciesMs).sort(), 99),
      findExcess: (count) => findCertainExcess(admissions, count, 1000),
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#work;
    this.#agent.destroy();
  }

  async #askOn(): Promise<void> {
    while (!this.#isStopped) {
      const fromMs = performance.now();
      const status = await this.#ask();
      const toMs = performance.now();
      this.#latenciesMs.push(toMs - fromMs);
      if (status === 200) {
        this.answeredInAll++;
        this.#admissions.push({ fromMs, toMs });
      } else if (status === 429) this.#refused++;
      else this.#failed++;
      const pauseMs = this.pauseMs(toMs - fromMs);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  /** 0 when there was no answer. */
  #ask(): Promise<number> {
    return new Promise((resolve) => {
      const request = get(this.#url, { agent: this.#agent }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.on("error", () => resolve(0));
      });
      request.on("error", () => resolve(0));
    });
  }
}

export class Spammer extends Client {
  constructor(url: string) {
    super(url, "127.0.0.2", 20);
  }

  /** A little: here the machine is the same for all, and shall have time for the other client. */
  protected pauseMs(): number {
    return 5;
  }
}

export class PoliteClient extends Client {
  constructor(url: string) {
    super(url, "127.0.0.3", 1);
  }

  protected pauseMs(tookMs: number): number {
    return Math.max(0, 250 - tookMs);
  }
}
