// Whether a client gets a page or JSON. Pure. The one decision for listings, error pages and whatever
// else has both forms; what it costs is bounded, since refusals ask it too.

import { readAccept } from "../http/accept-field.ts";
import { findQueryValue } from "../http/query.ts";

export type ListingFormat = "html" | "json";

/**
 * `?format=json` or `?format=html` wins; else the Accept field decides (RFC 9110 §12.5.1): the
 * higher weight, then the type that is named rather than met by a wildcard, then the one named
 * first, then HTML. A field that accepts neither gets HTML: §12.4.1 lets a server disregard it, and
 * a page that can be read is of more use than a 406.
 */
export function decideListingFormat(acceptField: string | undefined, query: string): ListingFormat {
  const asked = query === "" ? undefined : findQueryValue(query, "format");
  if (asked === "json" || asked === "html") return asked;
  if (acceptField === undefined) return "html";
  const { html, json } = readAccept(acceptField);
  const isJsonPreferred =
    json.weight - html.weight || json.precision - html.precision || html.place - json.place;
  return json.weight > 0 && isJsonPreferred > 0 ? "json" : "html";
}

/** Whether a client names HTML itself; a program that takes anything does not mean a page. */
export function namesHtml(acceptField: string | undefined): boolean {
  if (acceptField === undefined) return false;
  return readAccept(acceptField).html.isNamed;
}
