import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  fileEntry,
  folderEntry,
  formatListing,
  type Listing,
  listingOf,
  type SampleEntry,
  type SampleRequest,
} from "../../../test/fixtures/sample-listing.ts";
import { createHtmlForm } from "./html.ts";
import { LISTING_SCRIPT } from "./script.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "./style.ts";

const modifiedMs = Date.UTC(2026, 10, 23, 15);
/** Three hours later. */
const htmlForm = createHtmlForm({ nowMs: Date.UTC(2026, 10, 23, 18), hasZip: false });
const ENTRIES: readonly SampleEntry[] = [
  fileEntry("a.pdf", { sizeBytes: 1234, modifiedMs, hits: 7 }),
  folderEntry("books", { modifiedMs, hits: 14 }),
];
const DOCS = listingOf(["docs"], ENTRIES);

function formatPage(listing: Listing, query = "", request: SampleRequest = {}): string {
  return formatListing(htmlForm, listing, { query, ...request });
}

test("a row links the name and tells size, date and hits (a.pdf)", () => {
  const page = formatPage(DOCS);
  assert.ok(
    page.includes(
      '<td class="text"><a href="a.pdf"><bdi>a.pdf</bdi></a></td><td class="s" title="1,234 bytes">1.2 KiB</td><td class="m"><time datetime="2026-11-23T15:00:00.000Z" title="2026-11-23 15:00:00 UTC">3 hours ago</time></td>',
    ),
  );
  assert.match(page, /<rect width="50\.0" height="1"\/><\/svg>7<\/span>/);
  assert.ok(page.includes('<a href="books/"><bdi>books/</bdi></a></td><td class="s">–</td>'));
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
    "form-action 'self'",
    "frame-ancestors 'self'",
  ]);
});

test("a picture is marked as one, and nothing in the page asks for it (a.png, not books.png/)", () => {
  const page = formatPage(
    listingOf(["docs"], [fileEntry("a.png"), folderEntry("books.png"), fileEntry("b.tiff")]),
  );
  assert.deepEqual(page.match(/<td class="img[^"]*"><a [^>]*>/g), [
    '<td class="img pic"><a href="a.png">',
    '<td class="img"><a href="b.tiff">',
  ]);
});

test("there is a field to filter by where there is something to find (1 file, 2 files)", () => {
  const one = formatPage(listingOf(["docs"], [fileEntry("a")]));
  assert.doesNotMatch(one, /type="search"|No name here matches/);
  const two = formatPage(listingOf(["docs"], [fileEntry("a"), fileEntry("b")]));
  assert.match(
    two,
    /<form class="find seek live" role="search"><input type="search" name="q" value=""/,
  );
  assert.match(two, /<p class="none" hidden>No name here matches\.<\/p>/);
});

test("a folder that can be had as a zip says so, unless it is empty", () => {
  const form = createHtmlForm({ nowMs: 0, hasZip: true });
  const pageOf = (entries: SampleEntry[]) => formatListing(form, listingOf(["docs"], entries));
  assert.match(
    pageOf([fileEntry("a")]),
    /<form><button [^>]*name="download" value="zip"><span>Download as <\/span>zip</,
  );
  assert.doesNotMatch(pageOf([]), /download/);
  assert.doesNotMatch(formatPage(DOCS), /download/);
});

test("a README stands below the list, as it was given", () => {
  const html = "<section>as it is</section>\n";
  const docs = listingOf(["docs"], [...ENTRIES, fileEntry("README.md")]);
  const page = formatPage(docs, "", {
    // biome-ignore lint/correctness/useYield: it waits for nothing
    *readmeOf() {
      return { html, version: "1" };
    },
  });
  assert.match(page, /<\/table>[\s\S]*<section>as it is<\/section>\n<footer>/);
  assert.equal(page.replace(html, ""), formatPage(docs));
});

test("each column sorts by a button, and the sorted one says so and turns (hits desc)", () => {
  const page = formatPage(DOCS, "sort=hits&order=desc");
  const heads = page.match(/<th .*?<\/th>/g);
  assert.deepEqual(heads, [
    '<th scope="col" class="n"><form><button name="sort" value="name">Name</button><input type="hidden" name="order" value="asc"></form></th>',
    '<th scope="col" class="s"><form><button name="sort" value="size">Size</button><input type="hidden" name="order" value="desc"></form></th>',
    '<th scope="col" class="m"><form><button name="sort" value="modified">Modified</button><input type="hidden" name="order" value="desc"></form></th>',
    '<th scope="col" class="h" aria-sort="descending"><form><button name="sort" value="hits">Hits</button><input type="hidden" name="order" value="asc"></form></th>',
  ]);
});

test("below the root there are a parent link and a link to each folder above (/docs/a b/)", () => {
  const page = formatPage(listingOf(["docs", "a b"], []));
  assert.ok(page.includes('<a href="../">'));
  const nav = page.slice(page.indexOf("<nav"), page.indexOf("</nav>"));
  const hrefs = [...nav.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(hrefs, ["../../", "../", "./"]);
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
  const part = formatPage(listingOf([], ENTRIES, { unreadCount: 40 }));
  assert.match(part, /more than the 2 entries listed here, 42 in all/);
  assert.doesNotMatch(part, /This folder is empty\./);
});

test("folders stand first, then files, each in the order that is asked for (name, size down)", () => {
  const entries = [
    ...[fileEntry("b", { sizeBytes: 1 }), fileEntry("a", { sizeBytes: 2 })],
    ...[folderEntry("z"), folderEntry("y")],
  ];
  const namesOf = (query: string) =>
    Array.from(
      formatPage(listingOf([], entries), query).matchAll(/<bdi>(.*?)<\/bdi>/g),
      (m) => m[1],
    );
  assert.deepEqual(namesOf(""), ["y/", "z/", "a", "b"]);
  assert.deepEqual(namesOf("sort=size&order=desc"), ["y/", "z/", "a", "b"]);
  assert.deepEqual(namesOf("sort=size"), ["y/", "z/", "b", "a"]);
});

const MANY = listingOf(
  ["docs"],
  Array.from({ length: 25 }, (_, index) => fileEntry(`f${index}`, { hits: index })),
);

/** Every address in the page. */
function hrefsOf(page: string): string[] {
  return Array.from(page.matchAll(/ href="([^"]*)"/g), ([, href = ""]) => href).filter(
    (href) => !href.startsWith("data:"),
  );
}

test("pages link each other, each under one address, and say where they are (page 2 of 3)", () => {
  const page = formatPage(MANY, "page=2", { entriesPerPage: 10 });
  assert.match(page, /Page 2 of 3: names 11 to 20 of 25\./);
  assert.deepEqual(
    hrefsOf(page).filter((href) => !/^f\d+$/.test(href)),
    ["../", "./", "../", "./", "./", "?page=2", "?page=3", "?page=3"],
  );
  assert.match(page, /<a href="\.\/" rel="prev">Previous<\/a>/);
  assert.match(page, /<a href="\?page=3" rel="next">Next<\/a>/);
  assert.equal(page.match(/<bdi>f\d+<\/bdi>/g)?.length, 10);
});

test("a page keeps the order and what is looked for (page 1 of 2 by hits, q=f1)", () => {
  const page = formatPage(MANY, "q=f1&sort=hits&order=desc", { entriesPerPage: 10 });
  assert.match(page, /11 of 25 names match <b>f1<\/b>/);
  assert.ok(page.includes('<a href="?sort=hits&amp;order=desc&amp;q=f1&amp;page=2" rel="next">'));
  assert.match(page, /<input type="search" name="q" value="f1"/);
  assert.match(
    page,
    /value="size">Size<\/button><input [^>]*value="desc"><input [^>]*name="q" value="f1"/,
  );
  // The script has not all rows, and leaves filtering to the server.
  assert.doesNotMatch(page, /class="find[^"]* live"/);
});

test("a page that is not there says so and leads to the last (page 9 of 3)", () => {
  const page = formatPage(MANY, "page=9", { entriesPerPage: 10 });
  assert.match(page, /There is no page 9: the last one is 3\./);
  assert.match(page, /<a href="\?page=3" rel="prev">Previous/);
});

test("one page is all there is of a short folder (25 files, 1000 a page)", () => {
  const page = formatPage(MANY, "", { entriesPerPage: 1000 });
  assert.equal(page, formatPage(MANY));
  assert.doesNotMatch(page, /class="pages"|Page 1/);
});

test("nothing that is looked for says so (q=nothing, markup in q)", () => {
  const page = formatPage(MANY, "q=%3Cb%3Enothing");
  assert.match(page, /0 of 25 names match <b>&lt;b&gt;nothing<\/b>/);
  assert.match(page, /<p class="none">No name here matches\.<\/p>/);
});

test("no link leads to another form of what is there: those are buttons (zip, JSON, orders)", () => {
  const form = createHtmlForm({ nowMs: 0, hasZip: true });
  const page = formatListing(form, MANY);
  assert.deepEqual(
    hrefsOf(page).filter((href) => href.includes("?") || href.startsWith("/")),
    [],
  );
  assert.equal(page.match(/<form/g)?.length, 7);
});
