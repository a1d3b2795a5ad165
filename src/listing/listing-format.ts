// Whether a client gets a page or JSON. Pure. Called by the server for listings and error pages.

import Negotiator from "negotiator";

export type ListingFormat = "html" | "json";

/** Also with a charset: a range with a parameter matches only a type that has it. */
const OFFERED_TYPES = [
  "text/html",
  "application/json",
  "text/html;charset=utf-8",
  "application/json;charset=utf-8",
];

/**
 * `?format=json` or `?format=html` wins; else the Accept field decides (RFC 9110 §12.5.1): the
 * higher weight, then the type that is named rather than met by a wildcard, then the one named
 * first, then HTML. A field that accepts neither gets HTML: §12.4.1 lets a server disregard it, and
 * a page that can be read is of more use than a 406.
 */
export function decideListingFormat(acceptField: string | undefined, query: string): ListingFormat {
  const asked = new URLSearchParams(query).get("format");
  if (asked === "json" || asked === "html") return asked;
  if (acceptField === undefined) return "html";
  const negotiator = new Negotiator({ headers: { accept: acceptField } });
  const type = negotiator.mediaType(OFFERED_TYPES);
  return type?.startsWith("application/json") === true ? "json" : "html";
}
