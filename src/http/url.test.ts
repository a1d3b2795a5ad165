import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findQueryValue, formatRelativeReference, percentEncodeSegment } from "./url.ts";

const QUERIES: readonly (readonly [query: string, value: string | undefined])[] = [
  ["", undefined],
  ["?", undefined],
  ["sort=size", "size"],
  ["?sort=size", "size"],
  ["?order=desc&sort=size", "size"],
  ["?sort=size&sort=name", "size"],
  ["?sort", ""],
  ["?sort=", ""],
  ["?sort=a=b", "a=b"],
  ["?resort=size&sorting=x", undefined],
  ["?&&sort=size", "size"],
  // As forms are decoded.
  ["?sort=si%7Ae", "size"],
  ["?sort=a+b", "a b"],
  ["?sort=%zz", "%zz"],
  ["?sort=%C3%A4", "ä"],
  // Behind the bounds.
  [`?${"a&".repeat(31)}sort=size`, "size"],
  [`?${"a&".repeat(32)}sort=size`, undefined],
  [`?a=${"b".repeat(1000)}&sort=size`, "size"],
  [`?a=${"b".repeat(1020)}&sort=size`, undefined],
  [`?sort=size&a=${"b".repeat(8000)}`, "size"],
  [`?sort=${"b".repeat(8000)}`, undefined],
];

for (const [query, value] of QUERIES) {
  const shown = query.length > 60 ? `${query.slice(0, 60)}… of ${query.length}` : query;
  test(`"sort" in the query [${shown}] is ${value}`, () => {
    assert.equal(findQueryValue(query, "sort"), value);
  });
}

test("RFC 3986 §2.3: unreserved characters stay, all else is encoded (table)", () => {
  const table: readonly (readonly [string, string])[] = [
    ["a-z_0.9~A", "a-z_0.9~A"],
    ["a b", "a%20b"],
    ["a%20b", "a%2520b"],
    ["a/b?c#d", "a%2Fb%3Fc%23d"],
    ["+&=;:@", "%2B%26%3D%3B%3A%40"],
    ["\\\"'<>", "%5C%22%27%3C%3E"],
    ["\n\x00\x7f", "%0A%00%7F"],
    ["\xc3\xbc", "%C3%BC"],
    ["\xff", "%FF"],
  ];
  for (const [name, expected] of table) assert.equal(percentEncodeSegment(name), expected);
});

test("any bytes decode back to themselves", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const encoded = percentEncodeSegment(Buffer.from(bytes).toString("latin1"));
      assert.match(encoded, /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
      const decoded = encoded.replaceAll(/%(..)/g, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      assert.deepEqual(Buffer.from(decoded, "latin1"), Buffer.from(bytes));
    }),
  );
});

const REFERENCES: readonly (readonly [string, string, string])[] = [
  ["/docs", "/docs/", "docs/"],
  ["/a/docs", "/a/docs/", "docs/"],
  ["/a/docs", "/a/docs/?x=1", "docs/?x=1"],
  ["/a/about.html", "/a/about", "about"],
  ["/a/index.html", "/a/", "./"],
  ["/index.html", "/", "./"],
  ["/index.html", "/?x", "./?x"],
  ["/old/x/y", "/new/x/y", "../../new/x/y"],
  ["/old", "/new#part", "new#part"],
  ["/a/b/", "/", "../../"],
  ["/a/b/", "/a/b/", "./"],
  ["/a", "/b:c", "./b:c"],
  ["/a", "/b/c:d", "b/c:d"],
  ["/new/a", "/new//x", ".//x"],
  ["/x/../a/b", "/a/c", "c"],
  ["/x/%2e%2E/a/b", "/a/c", "c"],
  ["/a/./b", "/a/b/", "b/"],
  ["/a/b/..", "/a/", "./"],
  ["/../../a", "/b", "b"],
  ["/pool//main/x", "/pool/main/x", "../../main/x"],
];

for (const [from, to, expected] of REFERENCES) {
  test(`from ${from} to ${to} is ${expected}`, () => {
    assert.equal(formatRelativeReference(from, to), expected);
  });
}

test("a client that resolves it comes to the address, below any prefix (any two paths)", () => {
  const name = fc.constantFrom("", "a", "b", "..", ".", "%2e", "c:d", "x y".replace(" ", "%20"));
  const path = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join("/")}`);
  const clean = path.map((one) => new URL(one.replace(/^\/+/, "/"), "http://h").pathname);
  fc.assert(
    fc.property(path, clean, fc.constantFrom("", "/p", "/p/q"), (from, to, prefix) => {
      // What a client asks for below a prefix never leads above it: it resolves dots before.
      const asked = new URL(`http://h${from}`);
      const reference = formatRelativeReference(asked.pathname, to);
      const below = new URL(`http://h${prefix}${asked.pathname}`);
      assert.equal(new URL(reference, below).pathname, new URL(`http://h${prefix}${to}`).pathname);
    }),
  );
});
