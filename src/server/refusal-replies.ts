// The answers to requests that the limit refuses. A client in a loop asks for many of them, so each
// is made once for all waits that its text tells alike; only the exact time differs from one to the next.

import { RecentMap } from "../base/recent-map.ts";
import type { CountedField } from "../http/counted-field.ts";
import { KeptBytes } from "../http/kept-bytes.ts";
import { type Reply, withCounted } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { formatWaitWords } from "../http/time-words.ts";
import { formatPolicyField, type LimitPolicy, retryAfterSeconds } from "../limit/limit-headers.ts";
import { decideErrorFormat, tooManyRequestsReply } from "./error-reply.ts";

/** Waits of up to two minutes, each second of them, are told apart; longer ones by minutes and hours. */
const REPLIES_MAX = 128;

export class RefusalReplies {
  private readonly policy: LimitPolicy;
  private readonly replies = {
    html: new RecentMap<string, Reply>(REPLIES_MAX),
    json: new RecentMap<string, Reply>(REPLIES_MAX),
  };

  constructor(policy: LimitPolicy) {
    this.policy = policy;
  }

  /** @param state tells the exact time, and Retry-After */
  reply(head: RequestHead, waitMs: number, state: CountedField | undefined): Reply {
    const format = decideErrorFormat(head);
    const seconds = retryAfterSeconds(waitMs);
    const waitWords = formatWaitWords(seconds);
    let reply = this.replies[format].get(waitWords);
    if (reply === undefined) {
      const { policy } = this;
      const made = tooManyRequestsReply(format, policy, seconds, formatPolicyField(policy));
      reply = { ...made, kept: new KeptBytes() };
      this.replies[format].set(waitWords, reply);
    }
    return withCounted(reply, state);
  }
}
