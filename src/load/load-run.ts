// The coordinator of a load run: starts submissions when they are due and a connection is free, and
// hands every outcome to the tally. Called by the load command and by the lab. Prints nothing.

import { type Clock, systemClock } from "../base/clock.ts";
import { ClientConnection } from "./client-connection.ts";
import { type ConnectionSlot, ConnectionSlots } from "./connection-slots.ts";
import type { LoadPlan, LoadResult } from "./load-result.ts";
import { LoadTally } from "./load-tally.ts";
import { formatAuthority, formatRequest } from "./request-bytes.ts";
import type { Failure } from "./request-outcome.ts";
import type { LoadMethod } from "./response-head.ts";
import { dueMs, isLate, type Schedule } from "./schedule.ts";
import { resolveTarget, type TargetAddress } from "./target-address.ts";

/** setTimeout takes no more, and fires at once instead. */
const timerMsMax = 2 ** 31 - 1;

export interface LoadOptions {
  readonly method?: LoadMethod;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query as they go over the wire; see `formatRequestTarget`. */
  readonly requestTarget: string;
  /** How many requests to send, at least 1. */
  readonly requests: number;
  /**
   * At most so many requests on their way at once, at least 1. With `keepAlive` also as many as
   * there are sources: a kept connection has one source for good.
   */
  readonly connections: number;
  /** false: a connection for each request. */
  readonly keepAlive: boolean;
  /** Between the starts of two submissions; 0 starts each as soon as a connection is free. */
  readonly delayMs?: number;
  /** Local addresses to send from in turn; by default the system chooses. */
  readonly sources?: readonly string[];
  /** For each request, connecting included. */
  readonly timeoutMs: number;
  /** Ends the run early: what is on its way is abandoned, what is done is reported. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Resolves when all is done or the signal came; never rejects for what a server does. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const target = await resolveTarget(options.host, options.port);
  return new LoadRun(options, target).run();
}

class LoadRun {
  readonly #options: LoadOptions;
  readonly #clock: Clock;
  readonly #plan: LoadPlan;
  readonly #schedule: Schedule;
  readonly #tally: LoadTally;
  readonly #slots: ConnectionSlots;
  readonly #target: TargetAddress | Failure;
  readonly #done = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;
  #submissionIndex = 0;
  #isStopped = false;

  constructor(options: LoadOptions, target: TargetAddress | Failure) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#target = target;
    this.#plan = toPlan(options);
    this.#schedule = { kind: "closed", delayMs: this.#plan.delayMs };
    this.#tally = new LoadTally(this.#plan);
    this.#slots = new ConnectionSlots({
      slotCount: options.connections,
      sourceCount: Math.max(this.#plan.sources.length, 1),
      keepAlive: options.keepAlive,
      connect: this.#makeConnect(),
    });
  }

  async run(): Promise<LoadResult> {
    const { signal } = this.#options;
    const startedWallMs = this.#clock.wallMs();
    this.#startedMs = this.#clock.monotonicMs();
    const stop = (): void => this.#stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) this.#stop();
    this.#pump();
    await this.#done.promise;
    const durationMs = this.#elapsedMs();
    signal?.removeEventListener("abort", stop);
    this.#slots.close();
    return this.#tally.summarize({
      startedWallMs,
      finishedWallMs: this.#clock.wallMs(),
      durationMs,
    });
  }

  /** Starts all that may start now, and sees to it that it is called again for the rest. */
  #pump(): void {
    while (!this.#isStopped && this.#submissionIndex < this.#plan.requests) {
      const waitMs = dueMs(this.#schedule, this.#submissionIndex) - this.#elapsedMs();
      if (waitMs > 0) {
        this.#pumpAfter(waitMs);
        return;
      }
      const slot = this.#slots.take(this.#submissionIndex);
      // The next outcome gives a slot back and pumps again.
      if (slot === undefined) return;
      void this.#submit(this.#submissionIndex++, slot);
    }
    if (this.#slots.busyCount === 0) this.#done.resolve();
  }

  #pumpAfter(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), Math.min(waitMs, timerMsMax));
  }

  async #submit(submissionIndex: number, slot: ConnectionSlot): Promise<void> {
    if (isLate(this.#schedule, submissionIndex, this.#elapsedMs())) this.#tally.recordLate();
    const outcome = await slot.connection.send();
    this.#tally.record(outcome, slot.sourceIndex, this.#elapsedMs());
    this.#slots.give(slot);
    this.#pump();
  }

  #stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#slots.close();
    this.#pump();
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #makeConnect(): (sourceIndex: number) => ClientConnection {
    const { host, port, requestTarget, timeoutMs, keepAlive } = this.#options;
    const { method, sources } = this.#plan;
    const requestBytes = formatRequest({ method, host, port, requestTarget }, keepAlive);
    const clock = this.#clock;
    const target = this.#target;
    return (sourceIndex) =>
      new ClientConnection({
        target,
        method,
        requestBytes,
        source: sources[sourceIndex],
        timeoutMs,
        keepAlive,
        clock,
      });
  }
}

function toPlan(options: LoadOptions): LoadPlan {
  const { host, port, requestTarget, requests, connections, keepAlive, timeoutMs } = options;
  return {
    method: options.method ?? "GET",
    url: `http://${formatAuthority(host, port)}${requestTarget}`,
    requests,
    connections: Math.min(connections, requests),
    keepAlive,
    delayMs: options.delayMs ?? 0,
    timeoutMs,
    sources: options.sources ?? [],
  };
}
