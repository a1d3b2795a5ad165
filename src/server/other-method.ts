// The answers to methods other than GET and HEAD: what is served, or that it is not. Pure.

import { type Fields, NO_BODY } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { type Answer, errorAnswer } from "./answer.ts";
import { PREFLIGHT_FIELDS } from "./cors-fields.ts";

/** The methods that are served (RFC 9110 §10.2.1). */
const ALLOW: Fields = [["Allow", "GET, HEAD, OPTIONS"]];

/** Registered methods (RFC 9110 §18.2 and the registry) that a server of files refuses. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL".split(
    " ",
  ),
);

/** @param cors whether pages of other sites may ask: the answer to OPTIONS is then their permission */
export function answerOtherMethod(head: RequestHead, cors: boolean): Answer {
  if (head.method === "OPTIONS") {
    const fields = cors ? [...ALLOW, ...PREFLIGHT_FIELDS] : ALLOW;
    const reply = { status: 204, fields, body: NO_BODY };
    return { kind: "options", reply, hitPath: undefined, isRepeatable: false };
  }
  return errorAnswer(KNOWN_METHODS.has(head.method) ? 405 : 501, { fields: ALLOW });
}
