// One request from its head to the record of its answer. Each step on the way fills one field and no
// step guesses what an earlier one has decided. handle.ts is the way, render.ts and record.ts are its end.

import type { Client } from "../clients/clients.ts";
import type { UseFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import type { Admission as LimitAdmission } from "../limit/sliding-window.ts";
import type { Answer } from "../site/answer.ts";
import type { WireExchange } from "../transport/engine.ts";

/**
 * What the limit has said. "off": there is none, or no request could be read. "exempt": it does not hold
 * this client.
 */
export type Admission = LimitAdmission | { readonly kind: "off" | "exempt" };

export const LIMIT_OFF: Admission = Object.freeze({ kind: "off" });
export const EXEMPT: Admission = Object.freeze({ kind: "exempt" });

export interface Exchange extends WireExchange {
  /** Whose request it is; of what could not be read, the client at the other end. */
  readonly client: Client;
  admission: Admission;
  /** What the site says, or the refusal; undefined until it is known. */
  answer: Answer | undefined;
  /** What the answer tells about the limit. */
  useFields: UseFields | undefined;
  /** Whether it holds one of the places that --concurrency bounds. */
  hasTurn: boolean;
}

/** The record of a request that was read just now, or of what could not be read as one. */
export function openExchange(
  request: RequestHead | undefined,
  startedMs: number,
  client: Client,
): Exchange {
  return {
    request,
    startedMs,
    client,
    admission: LIMIT_OFF,
    answer: undefined,
    useFields: undefined,
    hasTurn: false,
    isAbandoned: false,
    sent: undefined,
  };
}
