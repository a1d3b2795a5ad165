import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideListingFormat, type ListingFormat, namesHtml } from "./listing-format.ts";

const CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const CASES: readonly (readonly [string | undefined, string, ListingFormat])[] = [
  [undefined, "", "html"],
  ["", "", "html"],
  ["*/*", "", "html"],
  [CHROME, "", "html"],
  ["application/json", "", "json"],
  ["APPLICATION/JSON", "", "json"],
  ["application/json; charset=utf-8", "", "json"],
  ["text/html; charset=UTF-8, application/json;q=0.9", "", "html"],
  ["application/json; profile=x", "", "html"],
  ["application/*", "", "json"],
  ["application/json, */*;q=0.5", "", "json"],
  ["application/json, text/plain, */*", "", "json"],
  ["text/html, application/json", "", "html"],
  ["text/html;q=0.5, application/json", "", "json"],
  ["text/html;q=0, application/json;q=0.1", "", "json"],
  ["application/json;q=0", "", "html"],
  ["image/png", "", "html"],
  ["nonsense", "", "html"],
  [undefined, "?format=json", "json"],
  [CHROME, "format=json&sort=hits", "json"],
  ["application/json", "?format=html", "html"],
  ["application/json", "?format=xml", "json"],
];

for (const [accept, query, expected] of CASES) {
  test(`the format is decided (Accept "${accept}", query "${query}")`, () => {
    assert.equal(decideListingFormat(accept, query), expected);
  });
}

test("no Accept field makes the decision throw (any text)", () => {
  const piece = fc.constantFrom(
    "text/html",
    "*/*",
    ";q=",
    "0.5",
    ",",
    ";",
    '"',
    "=",
    " ",
    "__proto__",
  );
  const field = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(field, fc.string(), (accept, query) => {
      assert.match(decideListingFormat(accept, query), /^(html|json)$/);
    }),
    { numRuns: 2000 },
  );
});

test("a client names HTML, or takes it beside everything else", () => {
  const named = [
    undefined,
    "*/*",
    "text/*",
    "text/html;q=0",
    CHROME,
    "application/json, text/html",
  ];
  assert.deepEqual(named.map(namesHtml), [false, false, false, false, true, true]);
});

test("15 KiB of other types decide nothing, before or behind the one that counts", () => {
  const many = "a/b,".repeat(3900);
  assert.equal(decideListingFormat(`application/json,${many}`, ""), "json");
  assert.equal(decideListingFormat(`${many}application/json`, ""), "html");
  assert.equal(decideListingFormat(undefined, `format=json${"&a".repeat(4000)}`), "json");
});
