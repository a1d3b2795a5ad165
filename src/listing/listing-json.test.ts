import assert from "node:assert/strict";
import { test } from "node:test";
import { fileEntry, folderEntry, listingOf } from "../../test/fixtures/sample-listing.ts";
import type { Listing } from "./listing-entry.ts";
import { formatListing } from "./listing-form.ts";
import { jsonForm } from "./listing-json.ts";

const BY_NAME = { by: "name", order: "asc" } as const;
const modifiedMs = Date.UTC(2026, 10, 23, 15);

function formatJson(listing: Listing): string {
  return formatListing(jsonForm, listing, BY_NAME);
}

test("the JSON has the promised keys in the promised order (a file and a folder)", () => {
  const file = fileEntry("a.pdf", { sizeBytes: 1234, modifiedMs, hits: 7 });
  const text = formatJson(listingOf(["docs"], [file, folderEntry("books", { modifiedMs })]));
  assert.equal(
    JSON.stringify(JSON.parse(text)),
    '{"path":"/docs/","entries":[{"name":"books","type":"directory","modified":"2026-11-23T15:00:00.000Z","hits":0,"href":"/docs/books/"},{"name":"a.pdf","type":"file","size":1234,"modified":"2026-11-23T15:00:00.000Z","hits":7,"href":"/docs/a.pdf"}]}',
  );
});

test("an empty root is a listing too", () => {
  const text = formatJson(listingOf([], []));
  assert.deepEqual(JSON.parse(text), { path: "/", entries: [] });
});

test("an empty file has a size (0)", () => {
  const text = formatJson(listingOf([], [fileEntry("a")]));
  assert.match(text, /"size":0,/);
});

test("there is one line for each entry, and a comma only between two (0, 1, 3 files)", () => {
  for (const count of [0, 1, 3]) {
    const files = Array.from({ length: count }, (_, index) => fileEntry(`${index} é`));
    const text = formatJson(listingOf([], files));
    const { entries } = JSON.parse(text) as { entries: { name: string }[] };
    assert.deepEqual(
      entries.map(({ name }) => name),
      files.map((_, index) => `${index} é`),
    );
    assert.equal(text.split("\n").length, count + 2);
  }
});
