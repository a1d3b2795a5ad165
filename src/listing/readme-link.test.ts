import assert from "node:assert/strict";
import { test } from "node:test";
import { decideReadmeLink } from "./readme-link.ts";

const ADDRESSES: readonly (readonly [string, string])[] = [
  ["docs/a.html", "own"],
  ["../a b.html?x=1#y", "own"],
  ["/a", "own"],
  ["#usage", "own"],
  ["", "own"],
  ["https://other.example/", "foreign"],
  ["HTTP://other.example", "foreign"],
  ["//other.example/a", "foreign"],
  ["\\\\other.example/a", "foreign"],
  ["/\\other.example/a", "foreign"],
  ["/\t/other.example/a", "foreign"],
  ["mailto:a@b.example", "foreign"],
  ["http://weir.invalid/a", "foreign"],
  ["//weir.invalid/a", "own"],
  ["http:a", "foreign"],
  ["https:a", "foreign"],
  ["javascript:alert(1)", "refused"],
  ["JavaScript:alert(1)", "refused"],
  [" \u0001javascript:alert(1)", "refused"],
  ["java\nscript:alert(1)", "refused"],
  ["vbscript:x", "refused"],
  ["data:text/html,<script>alert(1)</script>", "refused"],
  ["data:image/png;base64,AAAA", "refused"],
  ["file:///etc/passwd", "refused"],
  ["blob:https://a.example/1", "refused"],
  ["ftp://a.example/", "refused"],
  ["tel:+1", "refused"],
  ["http://", "refused"],
];

for (const [address, kind] of ADDRESSES) {
  test(`an address is what browsers take it for [${JSON.stringify(address)}: ${kind}]`, () => {
    assert.equal(decideReadmeLink(address).kind, kind);
  });
}
