// The answer about one representation of a file: 200, 206, 304, 412 or 416 is decided here. Pure but for
// the source, which goes into the reply, or is closed where the answer has no use for the bytes.

import { randomBytes } from "node:crypto";
import { formatHttpDate } from "../../http/field-values.ts";
import { type Field, type Fields, NO_BODY, type Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { type ErrorAnswer, errorAnswer } from "../answer.ts";
import { evaluateConditions, isRangeWanted } from "./conditions.ts";
import {
  type ByteRange,
  formatContentRange,
  MultipartSource,
  parseRange,
  WHOLE,
} from "./ranges.ts";
import type { Representation } from "./representation.ts";

export type FileResponse = { readonly kind: "reply"; readonly reply: Reply } | ErrorAnswer;

/** A cache may keep the file and has to ask before each use: so a change shows, and a hit is counted. */
export const DEFAULT_CACHE_CONTROL = "no-cache";

/** Conditions come first, then the range (RFC 9110 §13.2.2). */
export function respondWithFile(
  head: RequestHead,
  representation: Representation,
  nowMs: number,
  cacheControl: string = DEFAULT_CACHE_CONTROL,
): FileResponse {
  const { source, sizeBytes, contentType, coding } = representation;
  const condition = evaluateConditions(head.fields, representation, nowMs);
  if (condition !== "perform") source.close();
  if (condition === "precondition-failed") return errorAnswer(412);
  const validators = formatValidators(representation, nowMs, cacheControl);
  if (condition === "not-modified") {
    return { kind: "reply", reply: { status: 304, fields: validators, body: NO_BODY } };
  }
  const encoding: Fields = coding === undefined ? [] : [["Content-Encoding", coding]];
  const fields: Fields = [...validators, ...encoding, ["Accept-Ranges", "bytes"]];
  const typed: Fields = [["Content-Type", contentType], ...fields];
  const wanted = head.fields.get("range");
  // Range is defined for GET only (RFC 9110 §14.2).
  const isWhole = wanted === undefined || head.method !== "GET";
  const range =
    isWhole || !isRangeWanted(head.fields, representation, nowMs)
      ? WHOLE
      : parseRange(wanted, sizeBytes);
  if (range.kind === "whole") {
    const body = { kind: "source", source, offsetBytes: 0, lengthBytes: sizeBytes } as const;
    return { kind: "reply", reply: { status: 200, fields: typed, body } };
  }
  if (range.kind === "unsatisfiable") {
    source.close();
    return errorAnswer(416, { fields: [["Content-Range", `bytes */${sizeBytes}`]] });
  }
  const [only] = range.parts;
  if (only === undefined || range.parts.length > 1) {
    return { kind: "reply", reply: sendMultipart(representation, range.parts, fields) };
  }
  const contentRange: Field = ["Content-Range", formatContentRange(only, sizeBytes)];
  const body = { kind: "source", source, ...only } as const;
  return { kind: "reply", reply: { status: 206, fields: [...typed, contentRange], body } };
}

function sendMultipart(
  representation: Representation,
  parts: readonly ByteRange[],
  fields: Fields,
): Reply {
  // Random, so that no content can hold it.
  const boundary = `weir-${randomBytes(12).toString("hex")}`;
  const source = new MultipartSource({ ...representation, parts, boundary });
  const body = { kind: "source", source, offsetBytes: 0, lengthBytes: source.lengthBytes } as const;
  const type: Field = ["Content-Type", `multipart/byteranges; boundary=${boundary}`];
  return { status: 206, fields: [type, ...fields], body };
}

/** The fields of a 200 that a 304 repeats (RFC 9110 §15.4.5). */
function formatValidators(
  representation: Representation,
  nowMs: number,
  cacheControl: string,
): Fields {
  const { etag, modifiedMs, dating, varies } = representation;
  // A file from the future would never seem to change: §8.8.2.1 forbids a date beyond Date.
  const fields: Field[] = [["ETag", etag]];
  if (dating !== "none") {
    fields.push(["Last-Modified", formatHttpDate(Math.min(modifiedMs, nowMs))]);
  }
  if (varies) fields.push(["Vary", "Accept-Encoding"]);
  fields.push(["Cache-Control", cacheControl]);
  return fields;
}
