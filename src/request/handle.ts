// The way of one request, from its head to its reply. Read RequestHandler.handle: it is the whole way.
// One handler for each server thread; it holds what all requests of the thread share and nothing that
// outlives one of them.

import type { Clock } from "../base/clock.ts";
import type { HitCounter } from "../hits/counter.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { ConcurrencyGate } from "../limit/gate.ts";
import type { Limiter } from "../limit/limiter.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import { type Answer, type Content, errorAnswer, RETRY_SOON } from "../site/answer.ts";
import { loadBufferedBody } from "../site/file/open-file.ts";
import type { ResponseCache } from "../site/file/response-cache.ts";
import { EXEMPT, type Exchange } from "./exchange.ts";
import type { Renderer } from "./render.ts";

export interface RequestHandlerOptions {
  /** Answers a request that may pass; it counts nothing and knows no client. */
  readonly answer: (request: RequestHead) => Promise<Answer>;
  /** Answers that were asked for often within the last second. */
  readonly responseCache: ResponseCache;
  readonly hits: Pick<HitCounter, "add">;
  /** Undefined: there is no limit. */
  readonly limiter: Limiter | undefined;
  /** Undefined: any number of requests may be in progress at once. */
  readonly gate: ConcurrencyGate | undefined;
  /** Simulated work before each answer. */
  readonly delayMs: number;
  readonly renderer: Renderer;
  readonly metrics: Pick<ThreadMetrics, "hit" | "responseCacheHit"> | undefined;
  readonly clock: Clock;
}

export class RequestHandler {
  readonly #options: RequestHandlerOptions;
  /** Whether every request waits before its answer is looked for. */
  readonly #hasTurns: boolean;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#hasTurns = options.gate !== undefined || options.delayMs > 0;
  }

  /**
   * Whose request it is was decided when the exchange was made (clients/). From there on:
   * 1. May it pass? A refused request costs nothing: no file is looked at and no turn is waited for.
   * 2. What is the answer? The one that was given a moment ago, or what the site says.
   * 3. Count it, before its first byte leaves: a client that has read an answer finds it counted.
   * 4. Render it. What has left is recorded afterwards (record.ts).
   *
   * A common request passes without waiting; one that has to wait goes the same way in #handleLater.
   */
  handle(exchange: Exchange): Reply | Promise<Reply> {
    const { limiter, responseCache, metrics } = this.#options;
    if (limiter !== undefined) {
      const { client } = exchange;
      const asked = client.isExempt ? EXEMPT : limiter.admit(client.key, exchange.startedMs);
      if (asked instanceof Promise) return this.#handleLater(exchange, asked);
      exchange.admission = asked;
      if (asked.kind === "refused") return this.#complete(exchange, REFUSED);
      if (asked.kind === "unknown") return this.#complete(exchange, LIMIT_UNKNOWN);
    }
    if (this.#hasTurns) return this.#handleLater(exchange);
    const known = responseCache.find(exchange.request as RequestHead, exchange.startedMs);
    if (known === undefined) return this.#answer(exchange, exchange.startedMs);
    metrics?.responseCacheHit();
    return this.#complete(exchange, known);
  }

  /**
   * The answer is made, or never will be: the next request may take its turn. Called when the first bytes
   * of an answer leave, and once more when the last have. How long a client takes to read is not the work
   * that is bounded, and a few slow readers must not hold up everybody. The same holds for an answer of
   * which more is made while it is sent, a listing or a zip: it goes at its reader's speed, a slice at a
   * time, and has bounds of its own.
   */
  leaveTurn(exchange: Exchange): void {
    if (!exchange.hasTurn) return;
    exchange.hasTurn = false;
    this.#options.gate?.leave();
  }

  /** @param asked what the limiter of a fleet will say, where that is still open */
  async #handleLater(exchange: Exchange, asked?: ReturnType<Limiter["admit"]>): Promise<Reply> {
    const { responseCache, metrics, clock } = this.#options;
    const request = exchange.request as RequestHead;
    if (asked !== undefined) exchange.admission = await asked;
    if (exchange.admission.kind === "refused") return this.#complete(exchange, REFUSED);
    if (exchange.admission.kind === "unknown") return this.#complete(exchange, LIMIT_UNKNOWN);
    let nowMs = exchange.startedMs;
    if (this.#hasTurns) {
      await this.#takeTurn(exchange);
      if (exchange.isAbandoned) return this.#complete(exchange, errorAnswer(503));
      nowMs = clock.monotonicMs();
    }
    const known = responseCache.find(request, nowMs);
    if (known === undefined) return this.#answer(exchange, nowMs);
    metrics?.responseCacheHit();
    return this.#complete(exchange, known);
  }

  /** Answers with what the site says, and keeps it for the next requests if many ask for it. */
  async #answer(exchange: Exchange, nowMs: number): Promise<Reply> {
    const { answer, responseCache } = this.#options;
    const request = exchange.request as RequestHead;
    const fresh = await answer(request);
    if (!isCacheable(fresh)) return this.#complete(exchange, fresh);
    const bodyBytesMax = responseCache.bodyBytesMax(request, nowMs);
    if (bodyBytesMax === 0) return this.#complete(exchange, fresh);
    const whole = await loadBufferedBody(request, fresh.reply, bodyBytesMax);
    // The file was written to a moment ago: its answer is not worth keeping.
    if (whole === "changed") return this.#complete(exchange, await answer(request));
    const kept = responseCache.keep(request, nowMs, { ...fresh, reply: whole });
    return this.#complete(exchange, kept);
  }

  #complete(exchange: Exchange, answer: Answer): Reply {
    exchange.answer = answer;
    if ("hitPath" in answer && answer.hitPath !== undefined) {
      this.#options.hits.add(answer.hitPath);
      this.#options.metrics?.hit();
    }
    return this.#options.renderer.render(exchange);
  }

  async #takeTurn(exchange: Exchange): Promise<void> {
    const { gate, delayMs } = this.#options;
    if (gate !== undefined) {
      exchange.hasTurn = true;
      await gate.enter();
    }
    if (delayMs > 0 && !exchange.isAbandoned) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

const REFUSED: Answer = errorAnswer(429);
const LIMIT_UNKNOWN: Answer = errorAnswer(503, {
  explanation: "The server cannot tell at the moment whether you have asked too often.",
  fields: RETRY_SOON,
});

/** A GET of a file: one of a listing or a zip differs from the next. */
function isCacheable(answer: Answer): answer is Content & { readonly hitPath: string } {
  return answer.kind === "file" && answer.isRepeatable && answer.hitPath !== undefined;
}
