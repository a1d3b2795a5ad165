// What the query of a listing asks for: an order, a page, names. Pure. Called by the server, and by the
// pages themselves for the addresses of one another. What is not understood is as if it were not there.

import { findQueryValue } from "../http/query.ts";
import type { ListingColumn, ListingOrder } from "./sort-entries.ts";

export interface ListingQuery {
  readonly order: ListingOrder;
  /** From 1 on; undefined when none was asked for. */
  readonly page: number | undefined;
  /** Entries of a page; undefined when nothing was said. */
  readonly perPage: number | undefined;
  /** What names are to hold (name-filter.ts); "" for every name. */
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
