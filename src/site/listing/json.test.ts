import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fileEntry,
  folderEntry,
  formatListing,
  type Listing,
  listingOf,
  type SampleRequest,
} from "../../../test/fixtures/sample-listing.ts";
import { createJsonForm } from "./json.ts";

const jsonForm = createJsonForm({ prefix: "", isShared: true });
const modifiedMs = Date.UTC(2026, 10, 23, 15);

function formatJson(listing: Listing, request: SampleRequest = {}): string {
  return formatListing(jsonForm, listing, request);
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

/** Everything beside the path and the entries. */
function factsOf(text: string): object {
  const { path: _path, entries: _entries, ...facts } = JSON.parse(text) as Record<string, unknown>;
  return facts;
}

test("it says what it leaves out, and says nothing more where it leaves out nothing", () => {
  const files = Array.from({ length: 25 }, (_, index) => fileEntry(`f${index}`));
  const whole = listingOf([], files);
  const cut = listingOf([], files, { unreadCount: 20 });
  assert.deepEqual(factsOf(formatJson(whole)), {});
  assert.deepEqual(factsOf(formatJson(cut)), { truncated: true, total: 45 });
  assert.deepEqual(factsOf(formatJson(whole, { query: "page=3", entriesPerPage: 10 })), {
    page: 3,
    pages: 3,
    perPage: 10,
    total: 25,
  });
  assert.deepEqual(factsOf(formatJson(whole, { query: "q=f2" })), { q: "f2", total: 6 });
  assert.deepEqual(factsOf(formatJson(cut, { query: "q=%22" })), {
    q: '"',
    truncated: true,
    total: 0,
  });
});

test("addresses carry the prefix of a proxy (/files)", () => {
  const form = createJsonForm({ prefix: "/files", isShared: false });
  const text = formatListing(form, listingOf(["docs"], [fileEntry("a b")]));
  assert.match(text, /"href":"\/files\/docs\/a%20b"/);
  assert.match(text, /"path":"\/docs\/"/);
});
