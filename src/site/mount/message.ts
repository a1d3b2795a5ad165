// What a server thread and a mount thread say to each other. Everything in it can be copied from one
// thread to the other; bodies that are made while they are sent stay where they are, under a number.

import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import type { Content, ErrorAnswer, Redirect } from "../answer.ts";
import type { IgnoredSibling } from "../file/siblings.ts";

/** A body, or the number under which its rest is asked for. */
export type MovedBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: "source";
      readonly bodyId: number;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly kind: "parts"; readonly bodyId: number };

export interface MovedContent extends Omit<Content, "reply"> {
  readonly reply: Omit<Reply, "body">;
  readonly body: MovedBody;
}

export type MovedAnswer = MovedContent | Redirect | ErrorAnswer;

export type ToMountThread =
  | {
      readonly kind: "answer";
      readonly callId: number;
      readonly head: RequestHead;
      /** Monotonic ms after which nobody waits for the answer: it need not be made then. */
      readonly untilMs: number;
    }
  | {
      readonly kind: "read";
      readonly callId: number;
      readonly bodyId: number;
      readonly position: number;
      readonly bytesMax: number;
    }
  | { readonly kind: "is-unchanged"; readonly callId: number; readonly bodyId: number }
  | { readonly kind: "next-part"; readonly callId: number; readonly bodyId: number }
  /** Once for each body that is a source or parts. */
  | { readonly kind: "close"; readonly bodyId: number };

export type FromMountThread = MountThreadAnswer | MountThreadReport;

/** What it says without being asked. */
export interface MountThreadReport {
  readonly kind: "ignored-sibling";
  readonly ignored: IgnoredSibling;
}

/** The answer to one call; `bytes` without any, and no `part`, mean the end. */
export type MountThreadAnswer =
  | { readonly kind: "answer"; readonly callId: number; readonly answer: MovedAnswer }
  | { readonly kind: "bytes"; readonly callId: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "unchanged"; readonly callId: number; readonly isUnchanged: boolean }
  | {
      readonly kind: "part";
      readonly callId: number;
      readonly part: string | Uint8Array<ArrayBuffer> | undefined;
    }
  | {
      readonly kind: "failed";
      readonly callId: number;
      readonly message: string;
      readonly hasChanged: boolean;
    };
