// Who may look at the admin interface, decided from a request's fields alone. Pure. Everything there is read
// only, so this keeps readers out: foreign web pages that a browser of this machine has open (DNS
// rebinding, cross-site requests), and people without the token.

import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FieldName } from "../http/request.ts";

export interface AdminAccess {
  /** As the user gave it: an address or a name. */
  readonly host: string;
  /** Undefined where none is needed. */
  readonly token: string | undefined;
}

export type AccessDecision =
  | { readonly kind: "allowed" }
  | { readonly kind: "refused"; readonly status: 401 | 403 | 421; readonly explanation: string };

const ALLOWED: AccessDecision = { kind: "allowed" };

/** What a browser says about requests of its user and of the dashboard itself (W3C Fetch Metadata). */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/**
 * @param localAddress at which the connection arrived
 * @param needsToken false for paths that say no more than that the server lives
 */
export function decideAccess(
  access: AdminAccess,
  fields: ReadonlyMap<FieldName, string>,
  localAddress: string,
  needsToken: boolean,
): AccessDecision {
  const host = fields.get("host");
  if (host === undefined || !isOwnHost(access, host, localAddress)) {
    return refuse(
      421,
      `the admin interface has no such host: use http://${access.host}, or localhost`,
    );
  }
  const site = fields.get("sec-fetch-site");
  const origin = fields.get("origin");
  const isForeign = site !== undefined && !OWN_SITES.has(site.toLowerCase());
  if (isForeign || (origin !== undefined && !isOriginOf(origin, host))) {
    return refuse(
      403,
      "the admin interface answers no other site: type its address into the browser",
    );
  }
  if (!needsToken || access.token === undefined) return ALLOWED;
  if (hasToken(fields.get("authorization"), access.token)) return ALLOWED;
  return refuse(
    401,
    "the admin interface needs its token: Authorization: Bearer TOKEN, or as the password of any user",
  );
}

function refuse(status: 401 | 403 | 421, explanation: string): AccessDecision {
  return { kind: "refused", status, explanation };
}

/**
 * Whether a host is ours. Anyone's DNS can have a name for this address, and a page under that name would be
 * of the same origin: so such names are not ours. An address always means itself, so the address at which
 * the connection arrived is ours, and so are localhost and the name that the user gave.
 */
function isOwnHost(access: AdminAccess, hostField: string, localAddress: string): boolean {
  const host = hostOf(hostField);
  if (host === "localhost" || host === access.host.toLowerCase()) return true;
  return isIP(host) !== 0 && normalise(host) === normalise(localAddress);
}

/** Without port and brackets, in lower case. A tunnel or a container may change the port. */
function hostOf(hostField: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(hostField) ?? [];
  return (address ?? name ?? "").toLowerCase();
}

/** One spelling for each address; IPv4-mapped IPv6 is IPv4. */
function normalise(address: string): string {
  const bare = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return isIP(bare) === 6 ? new URL(`http://[${bare.replace(/%.*/, "")}]`).hostname : bare;
}

function isOriginOf(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** Bearer (RFC 6750), for programs; or Basic with the token as password (RFC 7617), for browsers. */
function hasToken(authorization: string | undefined, token: string): boolean {
  const [, scheme = "", credentials = ""] = /^(\S+) +(\S+)$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return isSame(credentials, token);
  if (scheme.toLowerCase() !== "basic") return false;
  const pair = Buffer.from(credentials, "base64").toString();
  return isSame(pair.slice(pair.indexOf(":") + 1), token);
}

/** Compares hashes, which have one length, so that the time says nothing about either text. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}
