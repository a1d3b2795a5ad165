// The program behind an engine that engine-contract.ts runs: answers as a test tells it to, and notes
// everything that the engine asks of it.

import type { ExchangeHandler, Sent, WireExchange } from "../../src/http/engine.ts";
import { type Reply, textReply, type UseFields } from "../../src/http/reply.ts";
import type { Refusal, RequestHead } from "../../src/http/request.ts";

export interface RecordedExchange extends WireExchange {
  useFields: UseFields | undefined;
}

export type MakeReply = (target: string, exchange: RecordedExchange) => Reply | Promise<Reply>;

export interface FinishedExchange {
  readonly target: string | undefined;
  readonly sent: Sent | undefined;
  /** Whether the engine has waited for something since the request was handled. */
  readonly isLater: boolean;
}

export class RecordingHandler implements ExchangeHandler<RecordedExchange> {
  readonly exchanges: RecordedExchange[] = [];
  readonly handled: string[] = [];
  readonly refusals: Refusal[] = [];
  readonly errors: unknown[] = [];
  readonly finishedOnes: FinishedExchange[] = [];
  readonly madeTargets: (string | undefined)[] = [];
  closedCount = 0;
  readonly #makeReply: MakeReply;
  readonly #isLater = new Set<WireExchange>();

  constructor(makeReply: MakeReply) {
    this.#makeReply = makeReply;
  }

  open(request: RequestHead | undefined, startedMs: number): RecordedExchange {
    const exchange = {
      request,
      startedMs,
      useFields: undefined,
      isAbandoned: false,
      sent: undefined,
    };
    this.exchanges.push(exchange);
    return exchange;
  }

  handle(exchange: RecordedExchange): Reply | Promise<Reply> {
    const target = exchange.request?.rawTarget ?? "";
    this.handled.push(target);
    queueMicrotask(() => this.#isLater.add(exchange));
    return this.#makeReply(target, exchange);
  }

  refuse(_: RecordedExchange, refusal: Refusal): Reply {
    this.refusals.push(refusal);
    return textReply(refusal.status, "text/plain", "refused");
  }

  fail(_: RecordedExchange, error: unknown): Reply {
    this.errors.push(error);
    return textReply(500, "text/plain", "failed");
  }

  made(exchange: RecordedExchange): void {
    this.madeTargets.push(exchange.request?.rawTarget);
  }

  finished(exchange: RecordedExchange): void {
    const { request, sent } = exchange;
    const isLater = this.#isLater.has(exchange);
    this.finishedOnes.push({ target: request?.rawTarget, sent, isLater });
  }

  closed(): void {
    this.closedCount++;
  }
}
