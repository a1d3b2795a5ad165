import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBasePath } from "./base-path.ts";
import { UsageError } from "./usage-error.ts";

for (const [text, expected] of [
  ["/", ""],
  ["/files", "/files"],
  ["/files/", "/files"],
  ["/a/b%20c/.d", "/a/b%20c/.d"],
] as const) {
  test(`a base path is read (${text})`, () => assert.equal(parseBasePath(text), expected));
}

for (const text of [
  "",
  "files",
  "/a//b",
  "//a",
  "/a/../b",
  "/.",
  "/a?b",
  "/a#b",
  "/%zz",
  "/ä",
  "http://x/y",
]) {
  test(`what is no path of a URL is refused (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseBasePath(text), UsageError);
  });
}

test("a path that is not encoded is told as it would be", () => {
  assert.throws(() => parseBasePath("/a b"), /encoded as in a URL: "\/a%20b"/);
});
