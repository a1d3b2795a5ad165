// What a request for a listing asks for: HTML or JSON, an order, a page, names that contain a text. Pure. The
// server calls it, and pages use it for the addresses of each other. What is not understood counts as
// absent.

import { readAccept } from "../../http/accept.ts";
import { findQueryValue } from "../../http/url.ts";
import { type DirectoryEntry, decodeName } from "./entry.ts";
import type { ListingColumn, ListingOrder } from "./order.ts";

export interface ListingQuery {
  readonly order: ListingOrder;
  /** From 1 on; undefined when the request names none. */
  readonly page: number | undefined;
  /** Entries of a page; undefined when the request does not say. */
  readonly perPage: number | undefined;
  /** The text that names must contain (createNameMatcher); "" for every name. */
  readonly wanted: string;
}

/** A browser shows so many rows without a pause: two or three times what a person scrolls through. */
export const PAGE_ENTRIES = 1000;
/** More than a page of JSON of one megabyte. */
export const PAGE_ENTRIES_MAX = 10_000;

const COLUMNS: ReadonlySet<string> = new Set(["name", "size", "modified", "hits"]);
const WHOLE_NUMBER = /^[1-9]\d{0,8}$/;

function isColumn(value: string | undefined): value is ListingColumn {
  return value !== undefined && COLUMNS.has(value);
}

/** @param query with or without its `?` */
export function parseListingQuery(query: string): ListingQuery {
  const column = findQueryValue(query, "sort");
  const perPage = parseWholeNumber(findQueryValue(query, "per-page"));
  return {
    order: {
      by: isColumn(column) ? column : "name",
      order: findQueryValue(query, "order") === "desc" ? "desc" : "asc",
    },
    page: parseWholeNumber(findQueryValue(query, "page")),
    perPage: perPage && Math.min(perPage, PAGE_ENTRIES_MAX),
    wanted: (findQueryValue(query, "q") ?? "").trim(),
  };
}

function parseWholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && WHOLE_NUMBER.test(text) ? Number(text) : undefined;
}

/** The fields of the query that keep the view as it is on another page. Defaults are left out. */
export function keptFields({
  order,
  perPage,
  wanted,
}: ListingQuery): [name: string, value: string][] {
  const fields: [string, string][] = [];
  if (order.by !== "name" || order.order !== "asc") {
    fields.push(["sort", order.by], ["order", order.order]);
  }
  if (wanted !== "") fields.push(["q", wanted]);
  if (perPage !== undefined) fields.push(["per-page", String(perPage)]);
  return fields;
}

/** The address of another page of the same listing, relative to it: `?page=2`, `./` for the first. */
export function formatPageHref(query: ListingQuery, page: number): string {
  const fields = keptFields(query);
  if (page > 1) fields.push(["page", String(page)]);
  return fields.length === 0 ? "./" : `?${new URLSearchParams(fields)}`;
}

export type ListingFormat = "html" | "json";

/**
 * Whether a client gets a page or JSON: the one decision for listings, error pages and everything else
 * that has both forms. Its cost is bounded, since refusals need it, too.
 *
 * `?format=json` or `?format=html` wins. Otherwise the Accept field decides (RFC 9110 §12.5.1): the
 * higher weight, then the type that is named and not only met by a wildcard, then the one named
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

/** Whether a client names HTML itself. A program that accepts anything does not want a page. */
export function namesHtml(acceptField: string | undefined): boolean {
  if (acceptField === undefined) return false;
  return readAccept(acceptField).html.isNamed;
}

/** A name has 255 bytes at most, so it contains no longer text, except where words overlap. */
const WANTED_LENGTH_MAX = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

export type NameMatcher = (entry: DirectoryEntry) => boolean;

/**
 * Which names contain what a person searches for: each word, regardless of case and of marks on the letters.
 * The script of a page does the same with the rows that it has.
 * @returns undefined where every name matches
 */
export function createNameMatcher(wanted: string): NameMatcher | undefined {
  if (wanted.length > WANTED_LENGTH_MAX) return () => false;
  const words = [...new Set(foldText(wanted).split(/\s+/))].filter((word) => word !== "");
  if (words.length === 0) return undefined;
  return ({ byteName, kind }) => {
    const name = foldName(byteName) + (kind === "directory" ? "/" : "");
    return words.every((word) => name.includes(word));
  };
}

function foldName(byteName: string): string {
  return ASCII.test(byteName) ? byteName.toLowerCase() : foldText(decodeName(byteName));
}

function foldText(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
