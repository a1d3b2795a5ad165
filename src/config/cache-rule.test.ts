import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCacheRules } from "./cache-rule.ts";

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
  // A value alone is for every file, as other tools take it.
  ["max-age=60", [["*", "max-age=60"]]],
  ["no-cache", [["*", "no-cache"]]],
  ["no-store", [["*", "no-store"]]],
  ["immutable", [["*", "immutable"]]],
  ["public, max-age=31536000, immutable", [["*", "public, max-age=31536000, immutable"]]],
  ["Max-Age=60,must-revalidate", [["*", "Max-Age=60, must-revalidate"]]],
  ['private="Set-Cookie", max-age=1', [["*", 'private="Set-Cookie", max-age=1']]],
  [
    "*.html=no-cache; max-age=3600",
    [
      ["*.html", "no-cache"],
      ["*", "max-age=3600"],
    ],
  ],
  // A file of that name.
  ["public=no-cache", [["public", "no-cache"]]],
  ["/assets/*=x-own=1", [["/assets/*", "x-own=1"]]],
  // What other tools write in their own way, where it has one meaning.
  ["./assets/**=no-cache", [["/assets/**", "no-cache"]]],
  [
    "*.{css, js}=immutable",
    [
      ["*.css", "immutable"],
      ["*.js", "immutable"],
    ],
  ],
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
  ["", /^give a value for every file, such as max-age=3600, or PATTERN=VALUE, such as '\/assets/],
  [";", /^give a value for every file/],
  ["*.css", /^rule 1: give a value for every file/],
  ["max-age=1h", /^rule 1: "max-age=1h": give whole seconds/],
  ["max-age", /^rule 1: "max-age": give whole seconds/],
  ["no-cahce", /^rule 1: give a value for every file/],
  ["*.css=no-cahce", /^rule 1: "no-cahce": did you mean no-cache\?$/],
  ["no-store, max-aeg=60", /"max-aeg=60": did you mean max-age\?/],
  ["*.css=3600", /^rule 1: "3600": say what it is, such as max-age=3600$/],
  ['{"max-age": "60"}', /^rule 1: "max-age" is no pattern: write {"\*": "max-age=3600"}/],
  ['{"*.css": "no-cache", "*.css": "no-store"}', /^"\*\.css" appears twice in one object/],
  // Never reached.
  ["max-age=60; *.html=no-cache", /^the rule for "\*\.html" is never reached, because "\*" comes/],
  ["/**=no-cache; *.css=no-store", /the rule for "\*\.css" is never reached, because "\/\*\*"/],
  ["*.css=no-cache; *.{css,js}=no-store", /the rule for "\*\.css" is never reached/],
  // They match nothing.
  ["a%20b/*=no-cache", /write names as they are on disk, without percent escapes$/],
  ["assets\\*.js=no-cache", /write \/ between folders/],
  ["*.@(css|js)=no-cache", /write a rule for each, or \*\.{css,js}$/],
  ["https://weir.test/*=no-cache", /give the path on disk, from the served folder, not a URL$/],
  ["../a=no-cache", /give a pattern such as/],
  [`/${"{a,b}".repeat(7)}=no-cache`, /give a pattern such as/],
  [`/${"{a,b}".repeat(50)}=no-cache`, /give a pattern such as/],
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
