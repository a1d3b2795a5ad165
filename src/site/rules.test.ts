import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NO_BODY, type Reply } from "../http/reply.ts";
import {
  compilePattern,
  type FileFieldRules,
  FileFields,
  formatPatternText,
  matchesPattern,
} from "./rules.ts";

const fieldsOf = (rules: Partial<FileFieldRules>) =>
  new FileFields({ cacheRules: [], headerRules: [], ...rules });

test("the first Cache-Control rule for a path counts, and none leaves it to weir", () => {
  const fields = fieldsOf({
    cacheRules: [
      { pattern: "/assets/**", value: "max-age=5" },
      { pattern: "*.css", value: "no-store" },
    ],
  });
  assert.equal(fields.decideForFile("/assets/a.css").cacheControl, "max-age=5");
  assert.equal(fields.decideForFile("/a.css").cacheControl, "no-store");
  assert.equal(fields.decideForFile("/a.html").cacheControl, undefined);
});

test("all header rules for a path count, the later word for a name in any case", () => {
  const fields = fieldsOf({
    headerRules: [
      {
        pattern: "*.html",
        set: [
          ["X-A", "1"],
          ["X-B", "2"],
        ],
      },
      { pattern: "*.css", set: [["X-C", "3"]] },
      { pattern: "/**", set: [["x-a", "4"]] },
    ],
  });
  assert.deepEqual(fields.decideForFile("/a.html"), {
    contentType: undefined,
    coding: undefined,
    cacheControl: undefined,
    others: [
      ["x-a", "4"],
      ["X-B", "2"],
    ],
  });
});

test("a header rule's Content-Type and Cache-Control replace what is decided elsewhere", () => {
  const fields = fieldsOf({
    cacheRules: [{ pattern: "*", value: "no-store" }],
    headerRules: [
      {
        pattern: "*",
        set: [
          ["content-type", "text/x"],
          ["Cache-Control", "max-age=1"],
          ["X", "y"],
        ],
      },
    ],
  });
  assert.deepEqual(fields.decideForFile("/a"), {
    contentType: "text/x",
    coding: undefined,
    cacheControl: "max-age=1",
    others: [["X", "y"]],
  });
});

test("a header rule's Content-Encoding is a coding of files, and nothing of a listing", () => {
  const set = [["Content-Encoding", "BR"]] as const;
  const fields = fieldsOf({ headerRules: [{ pattern: "**", set }] });
  const { coding, others } = fields.decideForFile("/a.br");
  assert.deepEqual([coding, others], ["br", []]);
  assert.equal(fields.applyToListing("/", listing).fields, listing.fields);
});

test("patterns are for characters, paths are bytes [/ü/*]", () => {
  const fields = fieldsOf({ cacheRules: [{ pattern: "/ü/?.css", value: "no-store" }] });
  const path = Buffer.from("/ü/ä.css").toString("latin1");
  assert.equal(fields.decideForFile(path).cacheControl, "no-store");
});

const listing: Reply = {
  status: 200,
  fields: [
    ["Content-Type", "text/html"],
    ["Cache-Control", "no-store"],
    ["Vary", "Accept"],
  ],
  body: NO_BODY,
};

test("a listing has its fields replaced by header rules for its folder, and keeps the others", () => {
  const fields = fieldsOf({
    cacheRules: [{ pattern: "/**", value: "max-age=5" }],
    headerRules: [
      {
        pattern: "/docs/",
        set: [
          ["cache-control", "no-cache"],
          ["X-A", "1"],
        ],
      },
      { pattern: "*.html", set: [["X-B", "2"]] },
    ],
  });
  assert.deepEqual(fields.applyToListing("/docs/", listing).fields, [
    ["Content-Type", "text/html"],
    ["Vary", "Accept"],
    ["cache-control", "no-cache"],
    ["X-A", "1"],
  ]);
  assert.equal(fields.applyToListing("/", listing), listing);
});

test("a Vary of a rule stands beside the one of the listing", () => {
  const fields = fieldsOf({ headerRules: [{ pattern: "*", set: [["Vary", "Cookie"]] }] });
  const reply = fields.applyToListing("/", listing);
  assert.deepEqual(reply.fields, [...listing.fields, ["Vary", "Cookie"]]);
});

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
