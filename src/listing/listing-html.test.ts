import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  fileEntry,
  folderEntry,
  listingOf,
  type SampleEntry,
} from "../../test/fixtures/sample-listing.ts";
import type { Listing } from "./listing-entry.ts";
import { formatListing } from "./listing-form.ts";
import { createHtmlForm } from "./listing-html.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "./listing-style.ts";
import type { ListingOrder } from "./sort-entries.ts";

const BY_NAME = { by: "name", order: "asc" } as const;
const modifiedMs = Date.UTC(2026, 10, 23, 15);
/** Three hours later. */
const htmlForm = createHtmlForm({ nowMs: Date.UTC(2026, 10, 23, 18), hasZip: false });
const ENTRIES: readonly SampleEntry[] = [
  fileEntry("a.pdf", { sizeBytes: 1234, modifiedMs, hits: 7 }),
  folderEntry("books", { modifiedMs, hits: 14 }),
];
const DOCS = listingOf(["docs"], ENTRIES);

function formatPage(listing: Listing, order: ListingOrder = BY_NAME): string {
  return formatListing(htmlForm, listing, order);
}

test("a row links the name and tells size, date and hits (a.pdf)", () => {
  const page = formatPage(DOCS);
  assert.ok(
    page.includes(
      '<td class="text"><a href="/docs/a.pdf"><bdi>a.pdf</bdi></a></td><td class="s" title="1,234 bytes">1.2 KiB</td><td class="m"><time datetime="2026-11-23T15:00:00.000Z" title="2026-11-23 15:00:00 UTC">3 hours ago</time></td>',
    ),
  );
  assert.match(page, /<rect width="50\.0" height="1"\/><\/svg>7<\/span>/);
  assert.ok(page.includes('<a href="/docs/books/"><bdi>books/</bdi></a></td><td class="s">–</td>'));
});

test("the page has a title, a language, a viewport, an icon of its own and totals", () => {
  const page = formatPage(DOCS);
  assert.ok(page.startsWith('<!DOCTYPE html>\n<html lang="en">'));
  assert.ok(page.includes("<title>Index of /docs/</title>"));
  assert.match(page, /<meta name="viewport" content="width=device-width/);
  assert.match(page, /<link rel="icon" href="data:/);
  assert.ok(page.includes('1 folder, 1 file, <span title="1,234 bytes">1.2 KiB</span>'));
});

test("the totals leave out what there is none of (only a file, only a folder, nothing)", () => {
  const totalsOf = (entries: SampleEntry[]) =>
    /<p class="sum">(.*)<\/p>/.exec(formatPage(listingOf(["docs"], entries)))?.[1];
  assert.equal(
    totalsOf([fileEntry("a", { sizeBytes: 1 })]),
    '1 file, <span title="1 byte">1 B</span>',
  );
  assert.equal(totalsOf([folderEntry("a")]), "1 folder");
  assert.equal(totalsOf([]), undefined);
});

test("the page asks for nothing else: no script but its own, no address but links", () => {
  const whole = formatPage(DOCS);
  const page = whole.replace(`<script>${LISTING_SCRIPT}</script>\n`, "");
  assert.ok(page.length < whole.length);
  assert.doesNotMatch(page, /<script|<img|\ssrc=|\sstyle=|\son\w+=|@import|url\((?!"data:)/i);
});

test("the policy allows exactly the style and the script in the page, and its own pictures", () => {
  const page = formatPage(listingOf([], []));
  const hashOf = (pattern: RegExp) =>
    createHash("sha256")
      .update(pattern.exec(page)?.[1] ?? "")
      .digest("base64");
  assert.deepEqual(LISTING_CONTENT_SECURITY_POLICY.split("; "), [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(/<script>(.*?)<\/script>/s)}'`,
    `style-src 'sha256-${hashOf(/<style>(.*?)<\/style>/s)}'`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ]);
});

test("a picture can be looked at in its row, and is asked for only then (a.png, not books.png/)", () => {
  const page = formatPage(
    listingOf(["docs"], [fileEntry('a "1".png'), folderEntry("books.png"), fileEntry("b.tiff")]),
  );
  assert.deepEqual(page.match(/<details>.*?<\/details>/g), [
    '<details><summary class="eye" aria-label="Preview a &quot;1&quot;.png" title="Preview"></summary><picture><source media="(scripting:none)" srcset="data:,x"><img loading="lazy" src="/docs/a%20%221%22.png" alt="Preview of a &quot;1&quot;.png"></picture></details>',
  ]);
});

test("there is a field to filter by where there is something to find, and hidden (1 file, 2 files)", () => {
  const one = formatPage(listingOf(["docs"], [fileEntry("a")]));
  assert.doesNotMatch(one, /<input|No name here matches/);
  const two = formatPage(listingOf(["docs"], [fileEntry("a"), fileEntry("b")]));
  assert.match(two, /<div class="find[^>]* hidden><input type="search"/);
  assert.match(two, /<p class="none" hidden>No name here matches\.<\/p>/);
});

test("a folder that can be had as a zip says so, unless it is empty", () => {
  const form = createHtmlForm({ nowMs: 0, hasZip: true });
  const pageOf = (entries: SampleEntry[]) =>
    formatListing(form, listingOf(["docs"], entries), BY_NAME);
  assert.match(
    pageOf([fileEntry("a")]),
    /<a [^>]*href="\?download=zip" download><span>Download as <\/span>zip</,
  );
  assert.doesNotMatch(pageOf([]), /download/);
  assert.doesNotMatch(formatPage(DOCS), /download/);
});

test("a README stands below the list, as it was given", () => {
  const listing = { ...DOCS, readme: "<section>as it is</section>\n" };
  const page = formatPage(listing);
  assert.match(page, /<\/table>[\s\S]*<section>as it is<\/section>\n<footer>/);
  assert.equal(page.replace(listing.readme, ""), formatPage(DOCS));
});

test("each column sorts by link, and the sorted one says so and turns (hits desc)", () => {
  const order = { by: "hits", order: "desc" } as const;
  const page = formatPage(DOCS, order);
  const heads = page.match(/<th .*?<\/th>/g);
  assert.deepEqual(heads, [
    '<th scope="col" class="n"><a href="?sort=name&amp;order=asc">Name</a></th>',
    '<th scope="col" class="s"><a href="?sort=size&amp;order=desc">Size</a></th>',
    '<th scope="col" class="m"><a href="?sort=modified&amp;order=desc">Modified</a></th>',
    '<th scope="col" class="h" aria-sort="descending"><a href="?sort=hits&amp;order=asc">Hits</a></th>',
  ]);
});

test("below the root there are a parent link and a link to each folder above (/docs/a b/)", () => {
  const page = formatPage(listingOf(["docs", "a b"], []));
  assert.ok(page.includes('<a href="../">'));
  const nav = page.slice(page.indexOf("<nav"), page.indexOf("</nav>"));
  const hrefs = [...nav.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(hrefs, ["/", "/docs/", "/docs/a%20b/"]);
});

test("the root has no parent link", () => {
  const page = formatPage(listingOf([], ENTRIES));
  assert.ok(!page.includes('href="../"'));
  assert.ok(page.includes("<title>Index of /</title>"));
});

test("an empty folder says so, and one that was read in part", () => {
  const empty = formatPage(listingOf([], []));
  assert.match(empty, /This folder is empty\./);
  assert.doesNotMatch(empty, /This folder holds more/);
  const part = formatPage(listingOf([], ENTRIES, { isComplete: false }));
  assert.match(part, /more than the 2 entries shown here/);
  assert.doesNotMatch(part, /This folder is empty\./);
});

test("folders stand first, then files, each in the order that is asked for (name, size down)", () => {
  const entries = [
    ...[fileEntry("b", { sizeBytes: 1 }), fileEntry("a", { sizeBytes: 2 })],
    ...[folderEntry("z"), folderEntry("y")],
  ];
  const namesOf = (order: ListingOrder) =>
    Array.from(
      formatPage(listingOf([], entries), order).matchAll(/<bdi>(.*?)<\/bdi>/g),
      (m) => m[1],
    );
  assert.deepEqual(namesOf(BY_NAME), ["y/", "z/", "a", "b"]);
  assert.deepEqual(namesOf({ by: "size", order: "desc" }), ["y/", "z/", "a", "b"]);
  assert.deepEqual(namesOf({ by: "size", order: "asc" }), ["y/", "z/", "b", "a"]);
});
