// What a request for a listing asks for: page or JSON, an order, a page of it, names that hold a text.
// Pure. Called by the server, and by the pages themselves for the addresses of one another. What is not
// understood counts as absent.

import { readAccept } from "../http/accept-field.ts";
import { findQueryValue } from "../http/query.ts";
import { type DirectoryEntry, decodeName } from "./listing-entry.ts";
import type { ListingColumn, ListingOrder } from "./sort-entries.ts";

export interface ListingQuery {
  readonly order: ListingOrder;
  /** From 1 on; undefined when none was asked for. */
  readonly page: number | undefined;
  /** Entries of a page; undefined when nothing was said. */
  readonly perPage: number | undefined;
  /** What names are to contain (createNameMatcher); "" for every name. */
  readonly wanted: string;
}

/** Rows that a browser shows without a pause; two or three times what a person scrolls through. */
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

/** The fields of the query that keep what is shown as it is, but for the page; the usual is left out. */
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

/** A name has 255 bytes at most: no name contains a longer text, except by words that overlap. */
const WANTED_LENGTH_MAX = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

export type NameMatcher = (entry: DirectoryEntry) => boolean;

/**
 * Which names contain what a person looks for: each word, whatever the case and the marks on the letters.
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
