import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCacheRules, parseHeaderRules } from "./site-rules.ts";

const cacheRules: [text: string, rules: [pattern: string, value: string][]][] = [
  [
    "/assets/**=public, max-age=31536000, immutable; *.html=no-cache",
    [
      ["/assets/**", "public, max-age=31536000, immutable"],
      ["*.html", "no-cache"],
    ],
  ],
  [" *.css = max-age=60 ;", [["*.css", "max-age=60"]]],
  ["*=public,max-age=1", [["*", "public, max-age=1"]]],
  ['*=private="Set-Cookie"', [["*", 'private="Set-Cookie"']]],
  ['{"*.css": "max-age=3600"}', [["*.css", "max-age=3600"]]],
  [' {"a=b;c": "no-store"}', [["a=b;c", "no-store"]]],
  ["{}", []],
];

for (const [text, expected] of cacheRules) {
  test(`parseCacheRules takes ${text}`, () => {
    const rules = parseCacheRules(text);
    assert.deepEqual(
      rules.map(({ pattern, value }) => [pattern, value]),
      expected,
    );
    assert.ok(Object.isFrozen(rules) && rules.every((rule) => Object.isFrozen(rule)));
  });
}

const refusedCache: [text: string, message: RegExp][] = [
  ["", /^give PATTERN=VALUE, such as '\/assets/],
  [";", /^give PATTERN=VALUE/],
  ["no-cache", /^rule 1: give PATTERN=VALUE/],
  ["*.css=no-cache; immutable", /^rule 2: give PATTERN=VALUE/],
  ["=no-cache", /^rule 1: give a pattern such as \*\.html|^rule 1: "": give a pattern/],
  ["a//b=no-cache", /^rule 1: "a\/\/b": give a pattern/],
  ["/a/../b=no-cache", /give a pattern/],
  [`${"a".repeat(257)}=no-cache`, /at most 256 characters$/],
  ["*.css=", /^rule 1: give Cache-Control as no-cache or public, max-age=3600$/],
  ["*.css=max-age 60", /give Cache-Control as/],
  ["*.css=no-cache,", /give Cache-Control as/],
  ["*.css=max-age=1h", /^rule 1: "max-age=1h": give whole seconds, such as max-age=3600$/],
  ["*.css=max-age", /give whole seconds/],
  ["*.css=no-cache\r\nX: y", /give Cache-Control as/],
  ['{"*.css": 5}', /^rule 1: give Cache-Control as/],
  ['{"": "no-cache"}', /^rule 1: "": give a pattern/],
  ["{", /^it is not JSON; write it such as {"\*\.html": "no-cache"}$/],
  [`{${Array.from({ length: 257 }, (_, n) => `"p${n}": "no-cache"`)}}`, /^give at most 256 rules$/],
];

for (const [text, message] of refusedCache) {
  test(`parseCacheRules refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.throws(() => parseCacheRules(text), { name: "UsageError", message });
  });
}

test("parseHeaderRules takes rules, keeps their order and names, and freezes them", () => {
  const rules = parseHeaderRules(
    '[{"path": "*.html", "set": {"X-Frame-Options": "DENY", "x-a": "b\\tc ~"}}, {"path": "/**", "set": {"Link": "</a.css>; rel=preload"}}]',
  );
  assert.deepEqual(rules, [
    {
      pattern: "*.html",
      set: [
        ["X-Frame-Options", "DENY"],
        ["x-a", "b\tc ~"],
      ],
    },
    { pattern: "/**", set: [["Link", "</a.css>; rel=preload"]] },
  ]);
  assert.ok(Object.isFrozen(rules) && Object.isFrozen(rules[0]) && Object.isFrozen(rules[0]?.set));
});

test("parseHeaderRules lets nosniff pass, which is on every answer, and adds no second one", () => {
  const [rule] = parseHeaderRules('[{"path": "*", "set": {"X-Content-Type-Options": "nosniff"}}]');
  assert.deepEqual(rule?.set, []);
});

const refusedNames = [
  ...["Content-Length", "transfer-encoding", "Connection", "Keep-Alive", "Date", "Content-Range"],
  ...["ETag", "RateLimit", "RateLimit-Policy", "ratelimit-limit"],
  ...["Retry-After", "Last-Modified", "Accept-Ranges", "Location", "Server", "Trailer", "Upgrade"],
];

for (const name of refusedNames) {
  test(`parseHeaderRules refuses ${name}, which weir sets itself`, () => {
    const text = JSON.stringify([
      { path: "a", set: { "X-A": "b" } },
      { path: "*", set: { [name]: "1" } },
    ]);
    const message = `rule 2: weir sets ${name} itself, and nothing else may`;
    assert.throws(() => parseHeaderRules(text), { name: "UsageError", message });
  });
}

const refusedHeaders: [text: string, message: RegExp][] = [
  ["", /^it is not JSON; write it such as \[{"path": "\*\.html", "set":/],
  ["{}", /^give a JSON array of rules, such as/],
  ["[1]", /^give a JSON array of rules/],
  ["[[]]", /^give a JSON array of rules/],
  ['[{"path": "*", "sett": {}}]', /^rule 1: unknown name "sett"; a rule has path and set$/],
  ['[{"set": {"A": "b"}}]', /^rule 1: give a pattern such as/],
  ['[{"path": 5, "set": {"A": "b"}}]', /^rule 1: give a pattern such as/],
  ['[{"path": "*"}]', /^rule 1: give the fields to set/],
  ['[{"path": "*", "set": {}}]', /^rule 1: give the fields to set/],
  ['[{"path": "*", "set": {"A B": "c"}}]', /^rule 1: "A B" is not the name of a field/],
  ['[{"path": "*", "set": {"A:": "c"}}]', /"A:" is not the name of a field/],
  ['[{"path": "*", "set": {"A\\r\\nB": "c"}}]', /is not the name of a field/],
  ['[{"path": "*", "set": {"A": "b\\r\\nC: d"}}]', /^rule 1: give A a string of visible ASCII/],
  ['[{"path": "*", "set": {"A": "b\\n"}}]', /visible ASCII/],
  ['[{"path": "*", "set": {"A": "ü"}}]', /visible ASCII/],
  ['[{"path": "*", "set": {"A": ""}}]', /visible ASCII/],
  ['[{"path": "*", "set": {"A": 1}}]', /visible ASCII/],
  ['[{"path": "*", "set": {"X-Content-Type-Options": "x"}}]', /to nosniff on every answer$/],
];

for (const [text, message] of refusedHeaders) {
  test(`parseHeaderRules refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseHeaderRules(text), { name: "UsageError", message });
  });
}

test("parseHeaderRules takes a Content-Encoding that weir knows, and no other [br, GZIP, zstd; deflate, br, gzip]", () => {
  const read = (value: unknown) =>
    parseHeaderRules(JSON.stringify([{ path: "*", set: { "content-encoding": value } }]));
  for (const value of ["br", "GZIP", "zstd"]) {
    assert.deepEqual(read(value)[0]?.set, [["content-encoding", value]]);
  }
  for (const value of ["deflate", "br, gzip", "identity", "b r"]) {
    assert.throws(() => read(value), {
      message: `rule 1: "${value}": give content-encoding as br, zstd or gzip, for files that are encoded so already`,
    });
  }
  for (const value of ["", 1, "br\n"]) {
    assert.throws(() => read(value), { message: /^rule 1: give content-encoding a string/ });
  }
});
