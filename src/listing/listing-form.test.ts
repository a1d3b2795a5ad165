import assert from "node:assert/strict";
import { test } from "node:test";
import { fileEntry, listingOf } from "../../test/fixtures/sample-listing.ts";
import type { DirectoryEntry, Listing } from "./listing-entry.ts";
import {
  formatListing,
  type ListingForm,
  type LoadedFolder,
  listingParts,
} from "./listing-form.ts";
import { createHtmlForm } from "./listing-html.ts";
import { jsonForm } from "./listing-json.ts";
import { PAUSE, runWhole, type SlicedWork } from "./time-slice.ts";

const BY_NAME = { by: "name", order: "asc" } as const;
const htmlForm = createHtmlForm({ nowMs: 0, hasZip: false });
const FORMS = [htmlForm, jsonForm];

/** Loads what is at hand, with a pause, and tells when it is ended. */
function* load(
  { content, pathSegments }: Listing,
  form: ListingForm,
  ended: string[] = [],
): SlicedWork<LoadedFolder> {
  try {
    yield PAUSE;
    const hrefPath = `/${pathSegments.join("/")}/`;
    return { content, rowAt: (index) => form.formatRow(content.entries[index]!, hrefPath) };
  } finally {
    ended.push("ended");
  }
}

function requestFor(form: ListingForm, { pathSegments, content, hits }: Listing) {
  const hitsOf = (entry: DirectoryEntry) => hits[content.entries.indexOf(entry)]!;
  return { form, pathSegments, order: BY_NAME, hitsOf };
}

function manyFiles(count: number): Listing {
  const files = Array.from({ length: count }, (_, index) =>
    fileEntry(`file-${index}.txt`, { sizeBytes: index, hits: index % 7 }),
  );
  return listingOf(["docs"], files);
}

for (const form of FORMS) {
  test(`a long listing comes in parts of about 48 Ki characters (3000 files, ${form.name})`, () => {
    const listing = manyFiles(3000);
    const parts = [...listingParts(requestFor(form, listing), load(listing, form))].filter(
      (part) => part !== PAUSE,
    );
    assert.ok(parts.length > 5);
    for (const part of parts) assert.ok(part.length <= 64 * 1024);
    // The first is what can be said before the folder is read, the last is what is left.
    for (const part of parts.slice(1, -1)) assert.ok(part.length >= 48 * 1024);
    assert.equal(parts[0], form.formatBeginning(["docs"]));
    assert.equal(parts.join(""), formatListing(form, listing, BY_NAME));
  });
}

test("a page of many files has a row for each, a head and a way up (3000 files)", () => {
  const page = formatListing(htmlForm, manyFiles(3000), BY_NAME);
  assert.equal(page.match(/<tr>/g)?.length, 3000 + 2);
  assert.ok(page.endsWith("</html>\n"));
  const { entries } = JSON.parse(formatListing(jsonForm, manyFiles(3000), BY_NAME)) as {
    entries: { name: string; hits: number }[];
  };
  assert.deepEqual(
    entries.map(({ name, hits }) => [name, hits]),
    Array.from({ length: 3000 }, (_, index) => [`file-${index}.txt`, index % 7]),
  );
});

test("loading is begun before there is any text: what it throws comes first", () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  const failing = function* (): SlicedWork<LoadedFolder> {
    throw new Error("gone");
  };
  const parts = listingParts(requestFor(htmlForm, manyFiles(1)), failing());
  assert.throws(() => parts.next(), { message: "gone" });
});

test("loading is ended with the listing, wherever that ends (in the first part, in the rows)", () => {
  for (const steps of [1, 2, 3, 5]) {
    const listing = manyFiles(3000);
    const ended: string[] = [];
    const parts = listingParts(requestFor(htmlForm, listing), load(listing, htmlForm, ended));
    for (let step = 0; step < steps; step++) parts.next();
    parts.return();
    assert.deepEqual(ended, ["ended"], `after ${steps} steps`);
  }
});

test("it pauses while it looks hits up (1000 files, 64 at most at once)", () => {
  const listing = manyFiles(1000);
  let lookups = 0;
  const request = {
    ...requestFor(htmlForm, listing),
    hitsOf: () => {
      lookups++;
      return 0;
    },
  };
  const parts = listingParts(request, load(listing, htmlForm));
  for (let before = 0; parts.next().done !== true; before = lookups) {
    assert.ok(lookups - before <= 64);
  }
  assert.equal(lookups, 1000);
  assert.ok(runWhole(listingParts(request, load(listing, htmlForm))).text.length > 0);
});
