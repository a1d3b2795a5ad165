// The way of one request, from its head to its reply, in six steps. One RequestHandler for each server
// thread; it holds what all requests of the thread share and nothing that outlives one.

import type { Clock } from "../base/clock.ts";
import { HotFiles } from "../files/hot-files.ts";
import { loadSmallBody } from "../files/small-body.ts";
import type { HitCounter } from "../hits/hit-counter.ts";
import type { Exchange } from "../http/connection.ts";
import type { CountedField } from "../http/counted-field.ts";
import { type FieldLines, type Reply, withCounted, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { ConcurrencyGate } from "../limit/concurrency-gate.ts";
import {
  formatPolicyField,
  type LimitPolicy,
  retryAfterSeconds,
  stateField,
} from "../limit/limit-headers.ts";
import { LIMIT_UNKNOWN, type Limiter } from "../limit/limiter.ts";
import type { Admission } from "../limit/sliding-window.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import type { Client } from "./clients.ts";
import { errorReply } from "./error-reply.ts";
import { type Answer, answerFromFolder, type FolderSite } from "./folder-answer.ts";
import { RefusalReplies } from "./refusal-replies.ts";

export interface RequestHandlerOptions {
  readonly site: FolderSite;
  readonly hits: HitCounter;
  readonly limit: { readonly limiter: Limiter; readonly policy: LimitPolicy } | undefined;
  readonly gate: ConcurrencyGate | undefined;
  readonly delayMs: number;
  readonly metrics: Pick<ThreadMetrics, "hit" | "hotFileHit"> | undefined;
  readonly clock: Clock;
}

type CountedAnswer = Pick<Answer, "reply" | "hitPath">;

/** What answers to those whom the limit holds have, or those whom it does not. */
interface AnswerKind {
  readonly policyField: FieldLines;
  readonly hotFiles: HotFiles;
}

export class RequestHandler {
  private readonly options: RequestHandlerOptions;
  private readonly refusals: RefusalReplies | undefined;
  private readonly limited: AnswerKind;
  /** For exempt clients, and for all where there is no limit. */
  private readonly unlimited: AnswerKind = { policyField: "", hotFiles: new HotFiles() };
  /** Exchanges that went through the gate and have not left it. */
  private readonly insideGate = new Set<Exchange>();

  constructor(options: RequestHandlerOptions) {
    const { limit } = options;
    this.options = options;
    this.limited =
      limit === undefined
        ? this.unlimited
        : { policyField: formatPolicyField(limit.policy), hotFiles: new HotFiles() };
    this.refusals = limit && new RefusalReplies(limit.policy);
  }

  /** @param client 1. whose request it is: decided once for each connection, or by a proxy (clients.ts) */
  handle(exchange: Exchange, head: RequestHead, client: Client): Reply | Promise<Reply> {
    const { limit } = this.options;
    if (limit === undefined || client.isExempt) return this.answerInTurn(exchange, head, undefined);
    // 2. May it pass? Refused requests cost nothing: no file is looked at, no turn is waited for.
    const admission = limit.limiter.admit(client.key, exchange.startedMs);
    if (!(admission instanceof Promise)) return this.pass(exchange, head, admission);
    return admission.then((answer) => this.pass(exchange, head, answer));
  }

  /**
   * The answer is made, or never will be: the next one may take its turn. Called when the first bytes of
   * an answer leave, and once more when the last have: how long a client takes to read is not the work
   * that is bounded, and a few slow readers must not hold up everybody. So it is with an answer of which
   * more is made while it is sent, as a listing or a zip: that goes at its reader's speed, a slice at a
   * time, and has bounds of its own. 6. Afterwards the thread notes it (client-connection.ts).
   */
  made(exchange: Exchange): void {
    const { gate } = this.options;
    if (gate !== undefined && this.insideGate.delete(exchange)) gate.leave();
  }

  /** Called a few times a second. */
  forgetOldAnswers(): void {
    const nowMs = this.options.clock.monotonicMs();
    this.limited.hotFiles.forget(nowMs);
    if (this.unlimited !== this.limited) this.unlimited.hotFiles.forget(nowMs);
  }

  private pass(
    exchange: Exchange,
    head: RequestHead,
    admission: Admission,
  ): Reply | Promise<Reply> {
    const state = stateField(admission);
    if (admission.admitted || this.refusals === undefined) {
      return this.answerInTurn(exchange, head, state);
    }
    if (admission === LIMIT_UNKNOWN) {
      return errorReply(head, 503, {
        explanation: "The server cannot tell at the moment whether you have asked too often.",
        fields: `Retry-After: ${retryAfterSeconds(admission.waitMs)}\r\n`,
      });
    }
    return this.refusals.reply(head, admission.waitMs, state);
  }

  private answerInTurn(
    exchange: Exchange,
    head: RequestHead,
    state: CountedField | undefined,
  ): Reply | Promise<Reply> {
    const { gate, delayMs, clock } = this.options;
    if (gate === undefined && delayMs === 0) {
      return this.answer(head, state, exchange.startedMs);
    }
    return this.takeTurn(exchange).then(() => {
      if (exchange.isAbandoned) return errorReply(head, 503);
      return this.answer(head, state, clock.monotonicMs());
    });
  }

  private answer(
    head: RequestHead,
    state: CountedField | undefined,
    nowMs: number,
  ): Reply | Promise<Reply> {
    const kind = state === undefined ? this.unlimited : this.limited;
    const hot = kind.hotFiles.find(head, nowMs);
    if (hot !== undefined) {
      this.options.metrics?.hotFileHit();
      return this.count(hot, state);
    }
    return this.makeAnswer(kind, head, nowMs).then((answer) => this.count(answer, state));
  }

  /** 3. What does it name? 4. What is the answer? */
  private async makeAnswer(
    { policyField, hotFiles }: AnswerKind,
    head: RequestHead,
    nowMs: number,
  ): Promise<CountedAnswer> {
    const { site } = this.options;
    const answer = withPolicy(await answerFromFolder(site, head), policyField);
    const { hitPath } = answer;
    if (!answer.isRepeatable || hitPath === undefined) return answer;
    const bodyBytesMax = hotFiles.bodyBytesMax(head, nowMs);
    if (bodyBytesMax === 0) return answer;
    const whole = await loadSmallBody(head, answer.reply, bodyBytesMax);
    // It is just written to, and not worth keeping.
    if (whole === "changed") return withPolicy(await answerFromFolder(site, head), policyField);
    return hotFiles.keep(head, nowMs, { reply: whole, hitPath });
  }

  /** 5. Count it, before the first byte of the answer leaves: who has read it finds it counted. */
  private count({ reply, hitPath }: CountedAnswer, state: CountedField | undefined): Reply {
    if (hitPath !== undefined) {
      this.options.hits.add(hitPath);
      this.options.metrics?.hit();
    }
    return withCounted(reply, state);
  }

  private async takeTurn(exchange: Exchange): Promise<void> {
    const { gate, delayMs } = this.options;
    if (gate !== undefined) {
      this.insideGate.add(exchange);
      await gate.enter();
    }
    if (delayMs > 0 && !exchange.isAbandoned) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

function withPolicy(answer: Answer, policyField: FieldLines): Answer {
  return { ...answer, reply: withFields(answer.reply, policyField) };
}
