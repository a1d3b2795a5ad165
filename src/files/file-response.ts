// The answer about an open file: 200, 206, 304, 412 or 416. Pure but for the file it passes on or
// closes: when the answer has no use for the bytes, the file is closed here.

import { formatHttpDate } from "../http/http-date.ts";
import { formatField, NO_BODY, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { evaluateConditions, isRangeWanted, type Validators } from "./conditional.ts";
import { formatEtag } from "./etag.ts";
import { contentTypeOf } from "./mime-type.ts";
import type { OpenFile } from "./open-file.ts";
import { formatContentRange, parseRange, type RangeOutcome } from "./range.ts";

export type FileResponse =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** Answered with an error page that the server makes; `fields` belong to it. */
  | { readonly kind: "error"; readonly status: 412 | 416; readonly fields: string };

/** @param name decides the type */
export function respondWithFile(
  head: RequestHead,
  file: OpenFile,
  name: string,
  nowMs: number,
): FileResponse {
  const validators = { etag: formatEtag(file), modifiedMs: file.modifiedMs };
  const condition = evaluateConditions(head.fields, validators, nowMs);
  if (condition !== "perform") file.close();
  if (condition === "precondition-failed") return { kind: "error", status: 412, fields: "" };
  const fields = formatValidators(validators, nowMs);
  if (condition === "not-modified") {
    return { kind: "reply", reply: { status: 304, fields, body: NO_BODY } };
  }
  const range = decideRange(head, file, validators, nowMs);
  if (range.kind === "unsatisfiable") {
    file.close();
    const contentRange = formatField("Content-Range", `bytes */${file.sizeBytes}`);
    return { kind: "error", status: 416, fields: contentRange };
  }
  const type = formatField("Content-Type", contentTypeOf(name));
  const common = `${type}${fields}Accept-Ranges: bytes\r\n`;
  return { kind: "reply", reply: sendRange(file, range, common) };
}

function decideRange(
  head: RequestHead,
  file: OpenFile,
  validators: Validators,
  nowMs: number,
): RangeOutcome {
  const range = head.fields.get("range");
  // Range is defined for GET only (RFC 9110 §14.2).
  if (range === undefined || head.method !== "GET") return { kind: "whole" };
  if (!isRangeWanted(head.fields, validators, nowMs)) return { kind: "whole" };
  return parseRange(range, file.sizeBytes);
}

function sendRange(
  file: OpenFile,
  range: Exclude<RangeOutcome, { kind: "unsatisfiable" }>,
  fields: string,
): Reply {
  const { sizeBytes } = file;
  const part = range.kind === "part" ? range : { offsetBytes: 0, lengthBytes: sizeBytes };
  const { offsetBytes, lengthBytes } = part;
  const body = { kind: "source", source: file, offsetBytes, lengthBytes } as const;
  if (range.kind === "whole") return { status: 200, fields, body };
  const contentRange = formatContentRange(offsetBytes, lengthBytes, sizeBytes);
  return { status: 206, fields: `${fields}Content-Range: ${contentRange}\r\n`, body };
}

/** A 304 repeats them (RFC 9110 §15.4.5). `no-cache`: kept, but asked about before each use. */
function formatValidators(validators: Validators, nowMs: number): string {
  // A file from the future would never seem changed: §8.8.2.1 forbids a date beyond Date.
  const lastModified = formatHttpDate(Math.min(validators.modifiedMs, nowMs));
  return `ETag: ${validators.etag}\r\nLast-Modified: ${lastModified}\r\nCache-Control: no-cache\r\n`;
}
