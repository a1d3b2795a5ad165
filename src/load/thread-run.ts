// One thread's part of a load run: its share of the connections and of the schedule, and its own tally.
// Started by run.ts, in the caller's thread or through load-thread.ts. Request number i belongs to thread
// i modulo the number of threads; so does connection number i.
//
// The control flow is simple: pump() sends what is due over free connections; an answer returns its
// connection and pumps again. There are only two timers: one for the next request that is due, and one
// that checks the deadlines a few times a second.

import type { Clock } from "../base/clock.ts";
import { FreeConnections, makeSlots, type Slot, type ThreadJob } from "./connection-slots.ts";
import type { Exchange, ExchangeListener, PipelinedConnection } from "./pipelined-connection.ts";
import type { Failure } from "./request-outcome.ts";
import type { ResponseParser } from "./response-parser.ts";
import { dueMs, isLate, makeSchedule, makeWarmUp, type Schedule } from "./schedule.ts";
import { type LimitNews, PoliteGate, RetryAfterCheck, readLimitNews } from "./server-limit.ts";
import type { TargetAddress } from "./sockets.ts";
import { type AnswerFacts, classifyStatus, LoadTally } from "./tally.ts";

/** The most that setTimeout accepts; with more it fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const DEADLINE_LOOK_MS_MAX = 250;

interface SourceState {
  readonly check: RetryAfterCheck;
  readonly gate: PoliteGate | undefined;
}

/** Runs once: `run` starts it, `stop` may end it early. */
export class ThreadRun implements ExchangeListener {
  readonly #job: ThreadJob;
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #warmUp: Schedule;
  readonly #slots = new Map<PipelinedConnection, Slot>();
  readonly #free: FreeConnections<Slot>;
  readonly #sources: readonly SourceState[];
  readonly #done = Promise.withResolvers<number>();
  readonly #facts: AnswerFacts = newFacts();
  readonly tally: LoadTally;
  /** The moment of the run at which no more requests are due. */
  readonly #endMs: number;
  #isWarmingUp: boolean;
  /** The moment at which counting and the schedule begin. */
  #originMs = 0;
  #startMs = 0;
  #submissionCount = 0;
  #inFlightCount = 0;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  /** The clock's time at which the timer should fire. */
  #timerMs = Number.POSITIVE_INFINITY;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(job: ThreadJob, target: TargetAddress | Failure, clock: Clock) {
    const { plan } = job;
    this.#job = job;
    this.#clock = clock;
    this.#schedule = makeSchedule(plan.model, plan.delayMs);
    this.#warmUp = makeWarmUp(plan);
    this.#endMs = Math.min(plan.durationMs ?? Number.POSITIVE_INFINITY, this.#schedule.endMs);
    this.#isWarmingUp = plan.warmUpMs > 0;
    this.tally = new LoadTally(plan);
    this.#sources = Array.from({ length: Math.max(plan.sources.length, 1) }, () => ({
      check: new RetryAfterCheck(this.tally.told),
      gate: plan.polite ? new PoliteGate() : undefined,
    }));
    const slots = makeSlots(job, target, clock, this);
    const takesTurns = plan.sources.length > 1 || plan.pipelining > 1;
    this.#free = new FreeConnections(slots.length, takesTurns ? "in-turn" : "last-used");
    const ordered = takesTurns ? slots : slots.toReversed();
    for (const slot of ordered) {
      this.#slots.set(slot.connection, slot);
      this.#free.give(slot);
    }
  }

  /**
   * `startMs` is the clock's time at which all threads begin. Resolves when the run is done or stopped,
   * with the clock's time of the last outcome.
   */
  run(startMs: number): Promise<number> {
    if (this.#isEnded) return Promise.resolve(startMs);
    const { timeoutMs, warmUpMs } = this.#job.plan;
    this.#startMs = startMs;
    this.#originMs = startMs + warmUpMs;
    const lookMs = Math.min(DEADLINE_LOOK_MS_MAX, Math.max(10, timeoutMs / 5));
    this.#deadlineTimer = setInterval(() => this.#checkDeadlines(), lookMs);
    this.#pump(this.#clock.monotonicMs());
    return this.#done.promise;
  }

  /** Ends the run and abandons the requests on their way. */
  stop(): void {
    this.#isEnded = true;
    if (!this.#isWarmingUp) this.tally.recordAbandoned(this.#inFlightCount);
    this.#inFlightCount = 0;
    clearTimeout(this.#timer);
    clearInterval(this.#deadlineTimer);
    for (const { connection } of this.#slots.values()) connection.close();
    this.#done.resolve(this.#clock.monotonicMs());
  }

  onAnswer(
    connection: PipelinedConnection,
    exchange: Exchange,
    parser: ResponseParser,
    nowMs: number,
  ): void {
    const slot = this.#slots.get(connection)!;
    const { check, gate } = this.#sources[slot.sourceIndex]!;
    const counted = classifyStatus(parser.status);
    const digest = slot.body?.take();
    const news = this.#readNews(parser, counted === "refused");
    if (news !== undefined) gate?.onAnswer(counted === "refused", news, nowMs);
    if (exchange.sentMs >= this.#originMs) {
      check.onAnswer(exchange, counted, news, nowMs);
      this.#recordAnswer(exchange, parser, slot.sourceIndex, nowMs);
      const isWhole = parser.status === 200 && digest !== undefined;
      if (isWhole) this.tally.recordBody(exchange.requestIndex, digest);
    }
    this.#giveBack(slot, nowMs);
  }

  onFailure(connection: PipelinedConnection, exchange: Exchange, failure: Failure): void {
    const slot = this.#slots.get(connection)!;
    const { check, gate } = this.#sources[slot.sourceIndex]!;
    const nowMs = this.#clock.monotonicMs();
    slot.body?.take();
    gate?.onFailure(nowMs);
    if (exchange.sentMs >= this.#originMs) {
      check.onFailure();
      const elapsedMs = nowMs - this.#originMs;
      this.tally.recordFailure(failure, exchange.isRetried, slot.sourceIndex, elapsedMs);
    }
    this.#giveBack(slot, nowMs);
  }

  #recordAnswer(
    { sentMs, dueMs, isRetried }: Exchange,
    { status, bodyBytes, oddities }: ResponseParser,
    sourceIndex: number,
    nowMs: number,
  ): void {
    const facts = this.#facts;
    facts.status = status;
    facts.bodyBytes = bodyBytes;
    facts.latencyMs = nowMs - sentMs;
    facts.latencyFromDueMs = nowMs - dueMs;
    facts.isRetried = isRetried;
    facts.oddities = oddities;
    facts.sourceIndex = sourceIndex;
    facts.elapsedMs = nowMs - this.#originMs;
    this.tally.recordAnswer(facts);
  }

  /** Reads the fields only when something depends on them: that takes as long as all other work. */
  #readNews(parser: ResponseParser, isRefused: boolean): LimitNews | undefined {
    const isNew = this.tally.told.policy === undefined && parser.fields.has("ratelimit-policy");
    if (!isRefused && !isNew && !this.#job.plan.polite) return undefined;
    return readLimitNews(parser.fields, this.#clock.wallMs());
  }

  #giveBack(slot: Slot, nowMs: number): void {
    this.#inFlightCount--;
    if (!slot.isFree) {
      slot.isFree = true;
      this.#free.give(slot);
    }
    this.#pump(nowMs);
  }

  /** Sends all that may be sent now, and makes sure that it is called again for the rest. */
  #pump(nowMs: number): void {
    if (this.#isWarmingUp && nowMs >= this.#originMs) this.#beginCounting();
    for (;;) {
      const nextMs = this.#nextDueMs();
      if (nextMs === Number.POSITIVE_INFINITY) break;
      if (nextMs > nowMs) {
        this.#pumpAt(nextMs, nowMs);
        return;
      }
      const slot = this.#takeSlot(nowMs);
      // The next outcome returns a connection and pumps again.
      if (slot === undefined) break;
      this.#submit(slot, nextMs, nowMs);
    }
    if (this.#isWarmingUp) this.#pumpAt(this.#originMs, nowMs);
    else this.#finishIfDone(nowMs);
  }

  /** The clock's time at which the next request is due; infinite when there is none. */
  #nextDueMs(): number {
    if (this.#isEnded) return Number.POSITIVE_INFINITY;
    const index = this.#nextIndex();
    if (this.#isWarmingUp) return this.#startMs + dueMs(this.#warmUp, index);
    if (index >= (this.#job.plan.requests ?? Number.POSITIVE_INFINITY)) {
      return Number.POSITIVE_INFINITY;
    }
    const ownMs = dueMs(this.#schedule, index);
    return ownMs < this.#endMs ? this.#originMs + ownMs : Number.POSITIVE_INFINITY;
  }

  /** The number of the next request in the whole run, over all threads. */
  #nextIndex(): number {
    const { plan, threadIndex } = this.#job;
    return threadIndex + this.#submissionCount * plan.threads;
  }

  #beginCounting(): void {
    this.#isWarmingUp = false;
    this.#submissionCount = 0;
  }

  /** A free connection whose source may send now. */
  #takeSlot(nowMs: number): Slot | undefined {
    if (!this.#isWarmingUp && nowMs >= this.#originMs + this.#endMs) return undefined;
    if (!this.#job.plan.polite) return this.#free.take();
    let opensAtMs = Number.POSITIVE_INFINITY;
    for (let left = this.#free.count; left > 0; left--) {
      const slot = this.#free.take()!;
      const gateMs = this.#sources[slot.sourceIndex]!.gate!.opensAtMs;
      if (gateMs <= nowMs) return slot;
      opensAtMs = Math.min(opensAtMs, gateMs);
      this.#free.give(slot);
    }
    if (Number.isFinite(opensAtMs)) this.#pumpAt(opensAtMs, nowMs);
    return undefined;
  }

  #submit(slot: Slot, dueAtMs: number, nowMs: number): void {
    const { plan, requestTexts } = this.#job;
    const { connection } = slot;
    const index = this.#nextIndex();
    this.#submissionCount++;
    this.#inFlightCount++;
    if (!plan.keepAlive && plan.sources.length > 1 && !plan.polite) {
      slot.sourceIndex = index % plan.sources.length;
      connection.source = plan.sources[slot.sourceIndex];
    }
    const { check, gate } = this.#sources[slot.sourceIndex]!;
    const exchange = connection.send(index % requestTexts.length, dueAtMs, nowMs);
    gate?.onSend();
    if (!this.#isWarmingUp) {
      check.onSend(exchange);
      const elapsedMs = nowMs - this.#originMs;
      this.tally.recordSent(elapsedMs, isLate(this.#schedule, index, elapsedMs));
    }
    slot.isFree = connection.hasRoom;
    if (slot.isFree) this.#free.give(slot);
    connection.flush();
  }

  /** A timer that fires earlier is kept: a pump that comes too soon finds out when the next is due. */
  #pumpAt(ms: number, nowMs: number): void {
    if (this.#timerMs <= ms || this.#isEnded) return;
    clearTimeout(this.#timer);
    this.#timerMs = ms;
    const delayMs = Math.min(Math.max(1, ms - nowMs), TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.#pump(this.#clock.monotonicMs());
    }, delayMs);
  }

  #finishIfDone(nowMs: number): void {
    if (this.#isEnded) return;
    const isOver = nowMs >= this.#originMs + this.#endMs;
    if (!isOver && this.#nextDueMs() !== Number.POSITIVE_INFINITY) {
      // No connection is free: look again when the time to send is over.
      if (Number.isFinite(this.#endMs)) this.#pumpAt(this.#originMs + this.#endMs, nowMs);
      return;
    }
    if (this.#inFlightCount === 0) {
      this.stop();
      return;
    }
    if (!Number.isFinite(this.#endMs)) return;
    const drainMs = this.#originMs + this.#endMs + Math.min(this.#job.plan.timeoutMs, DRAIN_MS_MAX);
    if (nowMs >= drainMs) this.stop();
    else this.#pumpAt(drainMs, nowMs);
  }

  #checkDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { connection } of this.#slots.values()) connection.checkDeadline(nowMs);
  }
}

function newFacts(): AnswerFacts {
  return {
    status: 0,
    bodyBytes: 0,
    latencyMs: 0,
    latencyFromDueMs: 0,
    isRetried: false,
    oddities: 0,
    sourceIndex: 0,
    elapsedMs: 0,
  };
}

/** How long a run that is over waits for answers that are still on their way. */
export const DRAIN_MS_MAX = 5000;
