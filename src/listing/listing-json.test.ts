import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListingEntry } from "./listing-entry.ts";
import { formatListingJson, listingJsonParts } from "./listing-json.ts";

const BY_NAME = { by: "name", order: "asc" } as const;
const modifiedMs = Date.UTC(2026, 10, 23, 15);

function file(name: string, sizeBytes: number, hits: number): ListingEntry {
  return { nameBytes: Buffer.from(name), kind: "file", sizeBytes, modifiedMs, hits };
}

test("the JSON has the promised keys in the promised order (a file and a folder)", () => {
  const books: ListingEntry = {
    nameBytes: Buffer.from("books"),
    kind: "directory",
    sizeBytes: undefined,
    modifiedMs,
    hits: 0,
  };
  const listing = { pathSegments: [Buffer.from("docs")], entries: [file("a.pdf", 1234, 7), books] };
  const text = formatListingJson(listing, BY_NAME);
  assert.equal(
    JSON.stringify(JSON.parse(text)),
    '{"path":"/docs/","entries":[{"name":"books","type":"directory","modified":"2026-11-23T15:00:00.000Z","hits":0,"href":"/docs/books/"},{"name":"a.pdf","type":"file","size":1234,"modified":"2026-11-23T15:00:00.000Z","hits":7,"href":"/docs/a.pdf"}]}',
  );
});

test("an empty root is a listing too", () => {
  const text = formatListingJson({ pathSegments: [], entries: [] }, BY_NAME);
  assert.deepEqual(JSON.parse(text), { path: "/", entries: [] });
});

test("an empty file has a size (0)", () => {
  const text = formatListingJson({ pathSegments: [], entries: [file("a", 0, 0)] }, BY_NAME);
  assert.match(text, /"size":0,/);
});

test("a long listing comes in parts of about 48 Ki characters that parse together (3000 files)", () => {
  const entries = Array.from({ length: 3000 }, (_, index) => file(`file-${index}.txt`, index, 0));
  const listing = { pathSegments: [], entries };
  const parts = [...listingJsonParts(listing, BY_NAME)];
  assert.ok(parts.length > 5);
  for (const part of parts) assert.ok(part.length <= 64 * 1024);
  const parsed = JSON.parse(parts.join("")) as { entries: { name: string }[] };
  assert.deepEqual(
    parsed.entries.map((entry) => entry.name),
    entries.map((entry) => entry.nameBytes.toString()),
  );
});
