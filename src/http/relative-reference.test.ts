import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatRelativeReference } from "./relative-reference.ts";

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
