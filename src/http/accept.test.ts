import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ACCEPT_CHARS_MAX, ACCEPT_RANGES_MAX, readAccept } from "./accept.ts";

/** Accept, and the weights of HTML and JSON; a name in capitals is one that is named. */
const FIELDS: readonly (readonly [field: string, wishes: string])[] = [
  ["", "html 0 json 0"],
  ["*/*", "html 1 json 1"],
  ["*", "html 1 json 1"],
  ["text/*", "html 1 json 0"],
  ["text/html", "HTML 1 json 0"],
  ["text/html, application/json;q=0.5", "HTML 1 JSON 0.5"],
  // The most precise range counts, whatever its place and weight (RFC 9110 §12.5.1).
  ["*/*, text/html;q=0", "html 0 json 1"],
  ["text/html;q=0.1, */*;q=0.9", "HTML 0.1 json 0.9"],
  ["application/*;q=0.2, */*", "html 1 json 0.2"],
  // Java's HttpURLConnection.
  ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "HTML 1 json 0.2"],
  ["text/html; q=1.0", "HTML 1 json 0"],
  ["text/html;level=1;q=0.9", "HTML 0 json 0"],
  ["text/html;level=1, */*;q=0.1", "HTML 0.1 json 0.1"],
  ["text/html;charset=utf-8;level=1", "HTML 0 json 0"],
  ["application/json ; charset=UTF-8 ; q=0.7", "html 0 JSON 0.7"],
  ["application/json;q=0.7;v=1", "html 0 JSON 0.7"],
  // What is no weight accepts nothing.
  ["text/html;q=x", "html 0 json 0"],
  ["text/html;q=-1", "html 0 json 0"],
  // A comma in quotes ends nothing.
  ['a/b;c="x,text/html", application/json', "html 0 JSON 1"],
  ['a/b;c="\\",text/html"', "html 0 json 0"],
  ["text/htmlx, xtext/html, text/html/x, application/jsonp", "html 0 json 0"],
];

function describe(field: string): string {
  const { html, json } = readAccept(field);
  const name = (text: string, isNamed: boolean) => (isNamed ? text.toUpperCase() : text);
  return `${name("html", html.isNamed)} ${html.weight} ${name("json", json.isNamed)} ${json.weight}`;
}

for (const [field, wishes] of FIELDS) {
  test(`RFC 9110 §12.5.1: Accept [${field}] says ${wishes}`, () => {
    assert.equal(describe(field), wishes);
  });
}

test("whatever comes behind the bound changes nothing [any field, any end]", () => {
  const piece = fc.constantFrom(
    "text/html",
    "*/*",
    ";q=0.5",
    ",",
    '"',
    "\\",
    " ",
    "application/json",
  );
  const beginning = fc
    .array(piece, { minLength: 400, maxLength: 600 })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(beginning, fc.string(), fc.string(), (begin, one, other) => {
      const kept = begin.padEnd(ACCEPT_CHARS_MAX + 1, "a");
      assert.deepEqual(readAccept(kept + one), readAccept(kept + other));
    }),
  );
});

test("an element that the bound cuts in two does not count [application/json at its end]", () => {
  const at = (length: number) => `${"a/b,".repeat(8)}${" ".repeat(length)}application/json`;
  const fits = ACCEPT_CHARS_MAX - at(0).length;
  assert.equal(describe(at(fits)), "html 0 JSON 1");
  assert.equal(describe(`${at(fits)},x`), "html 0 json 0");
  assert.equal(describe(`${at(fits - 1)},x`), "html 0 JSON 1");
});

test(`elements behind the first ${ACCEPT_RANGES_MAX} do not count, empty ones among them`, () => {
  assert.equal(describe(`${",".repeat(ACCEPT_RANGES_MAX - 1)}text/html`), "HTML 1 json 0");
  assert.equal(describe(`${",".repeat(ACCEPT_RANGES_MAX)}text/html`), "html 0 json 0");
});
