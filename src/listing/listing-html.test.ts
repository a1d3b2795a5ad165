import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { ListingEntry } from "./listing-entry.ts";
import { formatListingHtml, listingHtmlParts } from "./listing-html.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";
import { LISTING_CONTENT_SECURITY_POLICY } from "./listing-style.ts";

const BY_NAME = { by: "name", order: "asc" } as const;
const DOCS = [Buffer.from("docs")];
const modifiedMs = Date.UTC(2026, 10, 23, 15);

function file(name: string, sizeBytes: number, hits: number): ListingEntry {
  return { nameBytes: Buffer.from(name), kind: "file", sizeBytes, modifiedMs, hits };
}

function folder(name: string, hits: number): ListingEntry {
  const nameBytes = Buffer.from(name);
  return { nameBytes, kind: "directory", sizeBytes: undefined, modifiedMs, hits };
}

const ENTRIES = [file("a.pdf", 1234, 7), folder("books", 14)];

test("a row links the name and tells size, date and hits (a.pdf)", () => {
  const page = formatListingHtml({ pathSegments: DOCS, entries: ENTRIES }, BY_NAME);
  assert.ok(
    page.includes(
      '<td class="text"><a href="/docs/a.pdf"><bdi>a.pdf</bdi></a></td><td class="s" title="1,234 bytes">1.2 KiB</td><td class="m"><time datetime="2026-11-23T15:00:00.000Z">2026-11-23 15:00</time></td>',
    ),
  );
  assert.match(page, /<rect width="50\.0" height="1"\/><\/svg>7<\/span>/);
  assert.ok(page.includes('<a href="/docs/books/"><bdi>books/</bdi></a></td><td class="s">–</td>'));
});

test("the page has a title, a language, a viewport, an icon of its own and totals", () => {
  const page = formatListingHtml({ pathSegments: DOCS, entries: ENTRIES }, BY_NAME);
  assert.ok(page.startsWith('<!DOCTYPE html>\n<html lang="en">'));
  assert.ok(page.includes("<title>Index of /docs/</title>"));
  assert.match(page, /<meta name="viewport" content="width=device-width/);
  assert.match(page, /<link rel="icon" href="data:/);
  assert.ok(page.includes('1 folder, 1 file, <span title="1,234 bytes">1.2 KiB</span>'));
});

test("the totals leave out what there is none of (only a file, only a folder, nothing)", () => {
  const totalsOf = (entries: ListingEntry[]) =>
    /<p class="sum">(.*)<\/p>/.exec(
      formatListingHtml({ pathSegments: DOCS, entries }, BY_NAME),
    )?.[1];
  assert.equal(totalsOf([file("a", 1, 0)]), '1 file, <span title="1 byte">1 B</span>');
  assert.equal(totalsOf([folder("a", 0)]), "1 folder");
  assert.equal(totalsOf([]), undefined);
});

test("the page asks for nothing else: no script but its own, no address but links", () => {
  const whole = formatListingHtml({ pathSegments: DOCS, entries: ENTRIES }, BY_NAME);
  const page = whole.replace(`<body onpageshow="${LISTING_SCRIPT}">`, "<body>");
  assert.ok(page.length < whole.length);
  assert.doesNotMatch(page, /<script|<img|\ssrc=|\sstyle=|\son\w+=|@import|url\((?!"data:)/i);
});

test("the policy allows exactly the style and the event handler in the page", () => {
  const page = formatListingHtml({ pathSegments: [], entries: [] }, BY_NAME);
  const allows = (directive: string, text = "") => {
    const hash = createHash("sha256").update(text).digest("base64");
    assert.ok(LISTING_CONTENT_SECURITY_POLICY.includes(`${directive} 'sha256-${hash}';`));
  };
  allows("style-src", /<style>(.*?)<\/style>/s.exec(page)?.[1]);
  allows("script-src 'unsafe-hashes'", /<body onpageshow="([^"]*)">/.exec(page)?.[1]);
});

test("each column sorts by link, and the sorted one says so and turns (hits desc)", () => {
  const order = { by: "hits", order: "desc" } as const;
  const page = formatListingHtml({ pathSegments: DOCS, entries: ENTRIES }, order);
  const heads = page.match(/<th .*?<\/th>/g);
  assert.deepEqual(heads, [
    '<th scope="col" class="n"><a href="?sort=name&amp;order=asc">Name</a></th>',
    '<th scope="col" class="s"><a href="?sort=size&amp;order=desc">Size</a></th>',
    '<th scope="col" class="m"><a href="?sort=modified&amp;order=desc">Modified</a></th>',
    '<th scope="col" class="h" aria-sort="descending"><a href="?sort=hits&amp;order=asc">Hits</a></th>',
  ]);
});

test("below the root there are a parent link and a link to each folder above (/docs/a b/)", () => {
  const page = formatListingHtml(
    { pathSegments: [...DOCS, Buffer.from("a b")], entries: [] },
    BY_NAME,
  );
  assert.ok(page.includes('<a href="../">'));
  const nav = page.slice(page.indexOf("<nav"), page.indexOf("</nav>"));
  const hrefs = [...nav.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(hrefs, ["/", "/docs/", "/docs/a%20b/"]);
});

test("the root has no parent link", () => {
  const page = formatListingHtml({ pathSegments: [], entries: ENTRIES }, BY_NAME);
  assert.ok(!page.includes('href="../"'));
  assert.ok(page.includes("<title>Index of /</title>"));
});

test("an empty folder says so, and one that was read in part", () => {
  const empty = formatListingHtml({ pathSegments: [], entries: [] }, BY_NAME);
  assert.match(empty, /This folder is empty\./);
  assert.doesNotMatch(empty, /This folder holds more/);
  const listing = { pathSegments: [], entries: ENTRIES };
  const part = formatListingHtml(listing, BY_NAME, { isComplete: false });
  assert.match(part, /more than the 2 entries shown here/);
  assert.doesNotMatch(part, /This folder is empty\./);
});

test("a long listing comes in parts of about 48 Ki characters that make the page (3000 files)", () => {
  const entries = Array.from({ length: 3000 }, (_, index) => file(`file-${index}.txt`, index, 0));
  const listing = { pathSegments: DOCS, entries };
  const parts = [...listingHtmlParts(listing, BY_NAME)];
  assert.ok(parts.length > 5);
  for (const part of parts) assert.ok(part.length <= 64 * 1024);
  for (const part of parts.slice(0, -1)) assert.ok(part.length >= 48 * 1024);
  const page = parts.join("");
  assert.equal(page, formatListingHtml(listing, BY_NAME));
  assert.equal(page.match(/<tr>/g)!.length, 3000 + 2); // the head and the parent link
  assert.ok(page.endsWith("</html>\n"));
});
