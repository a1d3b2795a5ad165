// The request line (RFC 9112 §3) and the forms of its target (§3.2). Pure and strict: one space
// between the parts, no other white space, a method of token characters, a version of exactly
// HTTP/1.0 or HTTP/1.1.

import { isIPv6 } from "node:net";
import type { Refusal, RequestTarget } from "../http/request.ts";

export type Http1Protocol = "HTTP/1.0" | "HTTP/1.1";

export interface RequestLine {
  readonly method: string;
  readonly rawTarget: string;
  readonly target: RequestTarget;
  readonly protocol: Http1Protocol;
}

/** The form of a response depends on this part of a request line. */
export type ResponseForm = Pick<RequestLine, "method" | "protocol">;

/** No method in the registry of methods is longer. */
const METHOD_BYTES_MAX = 32;
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VERSION = /^HTTP\/\d\.\d$/;
/** Visible ASCII without "#": clients never send a fragment (RFC 9112 §3.2, RFC 3986 §3.5). */
const TARGET = /^[!"$-~]+$/;

/** @param line without its CRLF, one character a byte */
export function parseRequestLine(line: string): RequestLine | Refusal {
  const methodEnd = line.indexOf(" ");
  const targetEnd = line.indexOf(" ", methodEnd + 1);
  if (methodEnd <= 0 || targetEnd < 0) {
    return {
      status: 400,
      explanation: "The request line is not a method, a target and a version.",
    };
  }
  const method = line.slice(0, methodEnd);
  if (!METHOD.test(method) || method.length > METHOD_BYTES_MAX) {
    return { status: 400, explanation: "The method is not a token." };
  }
  const protocol = line.slice(targetEnd + 1);
  if (protocol !== "HTTP/1.1" && protocol !== "HTTP/1.0") return refuseVersion(protocol);
  const rawTarget = line.slice(methodEnd + 1, targetEnd);
  const target = TARGET.test(rawTarget) ? parseTarget(method, rawTarget) : undefined;
  if (target === undefined) {
    return { status: 400, explanation: "The request target has a form that HTTP does not know." };
  }
  return { method, rawTarget, target, protocol };
}

function refuseVersion(version: string): Refusal {
  return VERSION.test(version)
    ? { status: 505, explanation: "This server speaks HTTP/1.1 and HTTP/1.0." }
    : { status: 400, explanation: "The request line does not end in an HTTP version." };
}

/** The target in one of its four forms; undefined when it has none of them. */
function parseTarget(method: string, rawTarget: string): RequestTarget | undefined {
  let pathAndQuery: string | undefined = rawTarget;
  if (!rawTarget.startsWith("/")) {
    if (rawTarget === "*" && method !== "OPTIONS") return undefined;
    if (method === "CONNECT") {
      // authority-form: it names no path, and is answered with 405 further on.
      return isValidHost(rawTarget) ? { rawPath: "/", rawQuery: undefined } : undefined;
    }
    pathAndQuery = rawTarget === "*" ? rawTarget : pathOfAbsoluteTarget(rawTarget);
    if (pathAndQuery === undefined) return undefined;
  }
  const mark = pathAndQuery.indexOf("?");
  if (mark < 0) return { rawPath: pathAndQuery, rawQuery: undefined };
  return { rawPath: pathAndQuery.slice(0, mark), rawQuery: pathAndQuery.slice(mark + 1) };
}

/** Path and query of `http://host/path`, which a server must understand (RFC 9112 §3.2.2). */
function pathOfAbsoluteTarget(rawTarget: string): string | undefined {
  const match = /^http:\/\/([^/?]*)(.*)$/i.exec(rawTarget);
  if (match === null || !isValidHost(match[1] as string)) return undefined;
  const rest = match[2] as string;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

// The Host field and the authority of an absolute target: uri-host [ ":" port ] (RFC 9110 §7.2,
// RFC 3986 §3.2.2). An empty host names no server and is refused, as is user information.

// A comma is not allowed: it may come from two Host fields that a proxy has joined.
const REG_NAME = /^(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+$/;
const PORT = /^\d{0,5}$/;
/** A DNS name has at most 253 characters (RFC 1035 §2.3.4); a dot, a colon and five digits may follow. */
const HOST_CHARS_MAX = 260;

export function isValidHost(value: string): boolean {
  if (value.length > HOST_CHARS_MAX) return false;
  const portMark = value.startsWith("[") ? value.indexOf("]") + 1 : value.indexOf(":");
  const host = portMark < 0 ? value : value.slice(0, portMark);
  const rest = portMark < 0 ? "" : value.slice(portMark);
  if (rest !== "" && !rest.startsWith(":")) return false;
  const port = rest.slice(1);
  if (!PORT.test(port) || Number(port) > 65535) return false;
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1)) && !host.includes("%");
  return REG_NAME.test(host);
}
