// The way of one request, from its head to its reply, in six steps. One RequestHandler for each server
// thread; it holds what all requests of the thread share and nothing that outlives one.

import type { Clock } from "../base/clock.ts";
import type { HitCounter } from "../hits/hit-counter.ts";
import type { Exchange } from "../http/connection.ts";
import { type FieldLines, type Reply, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { ConcurrencyGate } from "../limit/concurrency-gate.ts";
import { formatPolicyField, formatStateFields, type LimitPolicy } from "../limit/limit-headers.ts";
import type { Limiter } from "../limit/limiter.ts";
import type { Admission } from "../limit/sliding-window.ts";
import type { KeyHash } from "../shared-memory/key-hash.ts";
import { errorReply, tooManyRequestsReply } from "./error-reply.ts";
import { answerFromFolder, type FolderSite } from "./folder-answer.ts";

export interface RequestHandlerOptions {
  readonly site: FolderSite;
  readonly hits: HitCounter;
  readonly limit: { readonly limiter: Limiter; readonly policy: LimitPolicy } | undefined;
  readonly gate: ConcurrencyGate | undefined;
  readonly delayMs: number;
  readonly clock: Clock;
}

export class RequestHandler {
  private readonly options: RequestHandlerOptions;
  private readonly policyField: FieldLines;
  /** Exchanges that went through the gate and have not left it. */
  private readonly insideGate = new Set<Exchange>();

  constructor(options: RequestHandlerOptions) {
    this.options = options;
    this.policyField = options.limit === undefined ? "" : formatPolicyField(options.limit.policy);
  }

  /** @param client 1. whose request it is: decided once for each connection (limit/client-key.ts) */
  handle(exchange: Exchange, head: RequestHead, client: KeyHash): Reply | Promise<Reply> {
    const { limit, clock } = this.options;
    if (limit === undefined) return this.answer(exchange, head, "");
    // 2. May it pass? Refused requests cost nothing: no file is looked at, no turn is waited for.
    const admission = limit.limiter.admit(client, clock.monotonicMs());
    if (!(admission instanceof Promise)) return this.pass(exchange, head, admission);
    return admission.then((answer) => this.pass(exchange, head, answer));
  }

  private pass(
    exchange: Exchange,
    head: RequestHead,
    admission: Admission,
  ): Reply | Promise<Reply> {
    const limitFields = this.policyField + formatStateFields(admission);
    const policy = this.options.limit?.policy;
    if (admission.admitted || policy === undefined) return this.answer(exchange, head, limitFields);
    return tooManyRequestsReply(head, policy, admission.waitMs, limitFields);
  }

  private async answer(exchange: Exchange, head: RequestHead, fields: FieldLines): Promise<Reply> {
    await this.takeTurn(exchange);
    if (exchange.isAbandoned) return errorReply(head, 503);
    // 3. What does it name? 4. What is the answer?
    const { reply, hitPath } = await answerFromFolder(this.options.site, head);
    // 5. Count it, before the first byte of the answer leaves: who has read it finds it counted.
    if (hitPath !== undefined) this.options.hits.add(hitPath);
    return fields === "" ? reply : withFields(reply, fields);
  }

  /** 6. After the answer: the thread notes it (server-thread.ts), and the next one may take its turn. */
  finished(exchange: Exchange): void {
    if (this.insideGate.delete(exchange)) this.options.gate?.leave();
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
