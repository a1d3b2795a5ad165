// One request from its head to the record of its answer. Each step on the way fills one field and no
// step guesses what an earlier one has decided. handle.ts is the way, render.ts and record.ts are its end.

import type { Sent, WireExchange } from "../http/engine.ts";
import type { UseFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { Admission as LimitAdmission } from "../limit/sliding-window.ts";
import type { Answer } from "../server/answer.ts";
import type { Client } from "../server/clients.ts";

/**
 * What the limit has said. "off": there is none, or no request could be read. "exempt": it does not hold
 * this client.
 */
export type Admission = LimitAdmission | { readonly kind: "off" | "exempt" };

export const LIMIT_OFF: Admission = Object.freeze({ kind: "off" });
export const EXEMPT: Admission = Object.freeze({ kind: "exempt" });

export class Exchange implements WireExchange {
  readonly request: RequestHead | undefined;
  readonly startedMs: number;
  /** Whose request it is; of what could not be read, the client at the other end. */
  readonly client: Client;
  admission: Admission;
  /** What the site says, or the refusal. */
  answer: Answer | undefined;
  /** What the answer tells about the limit. */
  useFields: UseFields | undefined;
  /** Whether it holds one of the places that --concurrency bounds. */
  hasTurn: boolean;
  isAbandoned: boolean;
  sent: Sent | undefined;

  constructor(request: RequestHead | undefined, startedMs: number, client: Client) {
    this.request = request;
    this.startedMs = startedMs;
    this.client = client;
    this.admission = LIMIT_OFF;
    this.answer = undefined;
    this.useFields = undefined;
    this.hasTurn = false;
    this.isAbandoned = false;
    this.sent = undefined;
  }
}
