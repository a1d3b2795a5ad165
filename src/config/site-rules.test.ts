import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHeaderRules } from "./site-rules.ts";

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
  // Nothing would be sent of these, or another than was meant.
  ['[{"path": "*", "set": {"A": "1", "a": "2"}}]', /^rule 1: "a" is set twice: keep one of them$/],
  ['[{"path": "*", "set": {"A": "1", "A": "2"}}]', /^"A" appears twice in one object/],
  [
    '[{"path": "*.js", "set": {"A": "1"}}, {"path": "*.{css,js}", "set": {"a": "2"}}]',
    /^a is set twice for "\*\.js", and only the last would be sent/,
  ],
  ['[{"path": "*", "set": {"Cookie": "a=b"}}]', /^rule 1: Cookie is sent by clients, and says/],
  ['[{"path": "*", "set": {"User-Agent": "x"}}]', /User-Agent is sent by clients/],
  ['[{"path": "a%20b", "set": {"A": "b"}}]', /^rule 1: "a%20b": write names as they are on disk/],
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

test("parseHeaderRules makes a rule of each choice in braces", () => {
  const rules = parseHeaderRules('[{"path": "/{a,b}/*.{css,js}", "set": {"A": "1"}}]');
  const patterns = rules.map(({ pattern }) => pattern);
  assert.deepEqual(patterns, ["/a/*.css", "/a/*.js", "/b/*.css", "/b/*.js"]);
});
