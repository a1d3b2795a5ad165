// Names that want to be something else, through both forms of the listing: none adds markup, each
// links to its exact bytes. The checker below reads the page as strictly as the template writes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createHtmlForm } from "../../../src/site/listing/html.ts";
import { createJsonForm } from "../../../src/site/listing/json.ts";
import { LISTING_SCRIPT } from "../../../src/site/listing/script.ts";
import {
  fileEntry,
  formatListing,
  type Listing,
  listingOf,
} from "../../fixtures/sample-listing.ts";

const htmlForm = createHtmlForm({ nowMs: 0, hasZip: true });
const jsonForm = createJsonForm({ prefix: "", isShared: true });

const HOSTILE_NAMES: readonly (readonly [string, string | Buffer])[] = [
  ["double quote", 'a" onmouseover="alert(1)'],
  ["single quote", "a' onmouseover='alert(1)"],
  ["script", "<script>alert(1)</script>"],
  ["end of title and style", "</title></style><img src=x onerror=alert(1)>"],
  ["comment", "--><!-- ]]>"],
  ["entity", "&lt;b&gt;&#60;"],
  ["newline", "a\nb\r\nc"],
  ["escape sequence", "\x1b[2J\x1b]0;x\x07"],
  ["percent", "100%"],
  ["broken escape", "%zz%2e%2e%2f"],
  ["hash", "#top"],
  ["query", "?sort=hits"],
  ["plus", "a+b"],
  ["backslash", "..\\..\\x"],
  ["scheme", "javascript:alert(1)"],
  ["255 bytes", "<".repeat(255)],
  ["emoji", "😀👨‍👩‍👧"],
  ["right-to-left override", "\u202egnp.exe"],
  ["invalid UTF-8", Buffer.from([0x3c, 0xff, 0xfe, 0xc3, 0x28, 0x80])],
  ["invalid UTF-8 that eats a quote", Buffer.from([0xe2, 0x22, 0x3e])],
  ["spaces", "  "],
  ["dots", "..."],
];

interface ParsedPage {
  /** Each tag with the names of its attributes, in order. */
  readonly tags: string[];
  readonly texts: string[];
  readonly hrefs: string[];
}

const TAG = /<(\/?[a-z][a-z0-9]*|!DOCTYPE html)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)(\/?)>/y;
const TEXT = /[^<>"']+/y;

/** Fails at the first character that is neither a whole tag nor text without `< > " '`. */
function parsePage(page: string): ParsedPage {
  const parsed: ParsedPage = { tags: [], texts: [], hrefs: [] };
  const styleless = page
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(`<script>${LISTING_SCRIPT}</script>`, "");
  for (let offset = 0; offset < styleless.length; ) {
    const pattern = styleless[offset] === "<" ? TAG : TEXT;
    pattern.lastIndex = offset;
    const match = pattern.exec(styleless);
    assert.ok(
      match,
      `neither tag nor text: ${JSON.stringify(styleless.slice(offset, offset + 60))}`,
    );
    offset = pattern.lastIndex;
    if (pattern === TEXT) {
      parsed.texts.push(match[0]);
      continue;
    }
    const attributes = [...match[2]!.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)];
    parsed.tags.push([match[1], ...attributes.map((attribute) => attribute[1])].join(" "));
    for (const [, name, value] of attributes) if (name === "href") parsed.hrefs.push(value!);
  }
  return parsed;
}

function listingOfName(name: string | Buffer): Listing {
  return listingOf(["up", name], [fileEntry(name, { sizeBytes: 1, hits: 3 })]);
}

function decodeHref(href: string): Buffer {
  const lastSegment = href.slice(href.lastIndexOf("/") + 1);
  const latin1 = lastSegment.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, "latin1");
}

const PLAIN = parsePage(formatListing(htmlForm, listingOfName("plain")));

/** Also as the name of a picture, which stands in more places. */
const PICTURE = parsePage(formatListing(htmlForm, listingOfName("plain.png")));

function checkHtml(name: string | Buffer): void {
  const pictureName = Buffer.concat([Buffer.from(name).subarray(0, 251), Buffer.from(".png")]);
  checkPage(pictureName, PICTURE);
  const isPicture = /\.(png|jpe?g|gif|webp|avif|svg|ico|bmp)$/i.test(name.toString("latin1"));
  if (!isPicture) checkPage(name, PLAIN);
}

function checkPage(name: string | Buffer, plain: ParsedPage): void {
  const parsed = parsePage(formatListing(htmlForm, listingOfName(name)));
  assert.deepEqual(parsed.tags, plain.tags);
  for (const text of parsed.texts) {
    assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}|\p{Bidi_Control}/u);
    assert.doesNotMatch(text, /&(?!(amp|lt|gt|quot|#39);)/);
  }
  const linked = parsed.hrefs.map(decodeHref);
  assert.ok(linked.some((bytes) => bytes.equals(Buffer.from(name))));
  for (const href of parsed.hrefs) assert.match(href, /^(data:|(\.\.\/)+$|\.\/$|[\w.~%-]+\/?$)/);
}

function checkJson(name: string | Buffer): void {
  const text = formatListing(jsonForm, listingOfName(name));
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}|\p{Bidi_Control}/u);
  const parsed = JSON.parse(text) as { entries: { name: string; href: string }[] };
  const entry = parsed.entries[0]!;
  assert.equal(entry.name, Buffer.from(name).toString("utf8"));
  assert.deepEqual(decodeHref(entry.href), Buffer.from(name));
}

test("the checker refuses what it is there to find (a bare tag, an attribute, a quote)", () => {
  const tags = (page: string) => parsePage(page).tags;
  assert.notDeepEqual(tags("<b><i>x</i></b>"), tags("<b>x</b>"));
  assert.notDeepEqual(tags('<a href="x" onclick="y">'), tags('<a href="x">'));
  assert.throws(() => parsePage('<a href="a"b">'));
  assert.throws(() => parsePage("a < b"));
  assert.throws(() => parsePage('a " b'));
});

for (const [what, name] of HOSTILE_NAMES) {
  test(`a hostile name stays a name in the page (${what})`, () => checkHtml(name));
  test(`a hostile name stays a name in JSON (${what})`, () => checkJson(name));
}

test("every name stays a name in both forms (any bytes but NUL and slash)", () => {
  const byte = fc.oneof(
    fc.integer({ min: 1, max: 255 }),
    fc.constantFrom(...Buffer.from("<>\"'&%#?\\ \n")),
  );
  const anyName = fc
    .array(byte, { minLength: 1, maxLength: 255 })
    .map((bytes) => Buffer.from(bytes.filter((value) => value !== 0x2f)))
    .filter((name) => name.length > 0);
  fc.assert(
    fc.property(anyName, (name) => {
      checkHtml(name);
      checkJson(name);
    }),
  );
});
