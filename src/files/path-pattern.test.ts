import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compilePattern, formatPatternText, matchesPattern } from "./path-pattern.ts";

const cases: [pattern: string, matching: string[], others: string[]][] = [
  ["*.html", ["/a.html", "/x/y/a.html", "/.html", "/a.b.html"], ["/a.htm", "/a.html/b", "/html"]],
  ["*", ["/a", "/x/y", "/", "/x/"], []],
  ["a?c", ["/abc", "/x/aüc", "/a😀c"], ["/ac", "/abbc", "/abc/"]],
  ["sw.js", ["/sw.js", "/app/sw.js"], ["/xsw.js", "/sw.jsx", "/swxjs"]],
  ["/sw.js", ["/sw.js"], ["/app/sw.js"]],
  ["/assets/**", ["/assets/a.css", "/assets/x/y.css", "/assets/"], ["/assets", "/x/assets/a"]],
  ["assets/**", ["/assets/a.css"], ["/x/assets/a.css"]],
  ["/assets/*", ["/assets/a.css", "/assets/"], ["/assets/x/y.css"]],
  ["/*/a", ["/x/a"], ["/a", "/x/y/a"]],
  ["/x/**/a", ["/x/a", "/x/y/a", "/x/y/z/a"], ["/xa", "/x/ya", "/xy/a", "/x/y/b"]],
  ["**/a", ["/a", "/x/a", "/x/y/a"], ["/ba", "/x/ba"]],
  ["/**/a", ["/a", "/x/a"], ["/ba"]],
  ["/**/**/a", ["/a", "/x/a", "/x/y/a"], ["/ba"]],
  ["/**", ["/", "/a", "/x/y"], []],
  ["**", ["/", "/a", "/x/y"], []],
  ["/a**b", ["/ab", "/a/x/b", "/axb"], ["/a/x/bc"]],
  ["/a***b", ["/ab", "/a/x/b"], ["/bab"]],
  ["/x/*.min.*", ["/x/a.min.js", "/x/.min."], ["/x/y/a.min.js", "/x/a.js"]],
  ["/a?b", ["/axb"], ["/a/b"]],
  ["/docs/", ["/docs/"], ["/docs", "/docs/a"]],
  ["[a].(b)+$^{c}\\", ["/[a].(b)+$^{c}\\"], ["/a.b"]],
];

for (const [text, matching, others] of cases) {
  const pattern = compilePattern(text);
  test(`pattern ${text} matches ${matching.join(" ")}`, () => {
    for (const path of matching) assert.equal(matchesPattern(pattern, path), true, path);
  });
  test(`pattern ${text} does not match ${others.join(" ") || "(nothing else)"}`, () => {
    for (const path of others) assert.equal(matchesPattern(pattern, path), false, path);
  });
}

/** The same meaning, written as a regular expression: slow on evil patterns, fine on short ones. */
function oracle(text: string, path: string): boolean {
  const source = text
    .replaceAll(".", "\\.")
    .replaceAll("?", "[^/]")
    .replaceAll("/**/", "/(?:.{0,}/){0,1}")
    .replaceAll("**", ".{0,}")
    .replaceAll("*", "[^/]{0,}");
  return new RegExp(`^${source}$`, "s").test(path);
}

test("patterns of two letters, slashes, dots and stars mean what their regular expressions do", () => {
  const word = (parts: string[]) =>
    fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((all) => `/${all.join("")}`);
  const pattern = word(["a", "b", "/", ".", "*", "?", "/**/", "**"]).filter(
    (text) => !/\*{3}|\/\*\*\/\*\*\//.test(text),
  );
  fc.assert(
    fc.property(pattern, word(["a", "b", "/", "."]), (text, path) => {
      assert.equal(matchesPattern(compilePattern(text), path), oracle(text, path));
    }),
    { numRuns: 5000 },
  );
});

test("a pattern of a hundred stars is no more work than its length times the path's", () => {
  const pattern = compilePattern(`/${"**a*".repeat(60)}b`);
  const startedMs = performance.now();
  assert.equal(matchesPattern(pattern, `/${"a".repeat(8000)}c`), false);
  // Any backtracking would still be running when the machine is scrapped.
  assert.ok(performance.now() - startedMs < 10_000);
});

test("names are matched as characters, and bytes that are no UTF-8 as one each [ü, 0xff]", () => {
  const bytes = (name: string) => Buffer.from(name).toString("latin1");
  assert.equal(formatPatternText(bytes("/ü.html")), "/ü.html");
  assert.equal(
    matchesPattern(compilePattern("/?.html"), formatPatternText(bytes("/ü.html"))),
    true,
  );
  assert.equal(matchesPattern(compilePattern("/?"), formatPatternText("/\xff")), true);
});
