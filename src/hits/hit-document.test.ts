import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHits, parseHits } from "./hit-document.ts";

const FACTS = { source: "/srv/public", exportedMs: Date.UTC(2026, 10, 25) };
const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
const HITS = [
  { path: '/a,"b"\r\nc', total: 3 },
  { path: `/${everyByte}`, total: Number.MAX_SAFE_INTEGER },
  { path: "/caf\xe9", total: 0 },
];

for (const format of ["json", "csv"] as const) {
  test(`paths of every kind survive [${format}]`, () => {
    const text = formatHits(format, HITS, FACTS);
    assert.match(text, /^[\x20-\x7e\r\n]+$/);
    const reading = parseHits(text);
    assert.equal(reading.kind, "hits");
    const byPath = (hits: readonly { path: string; total: number }[]) =>
      Object.fromEntries(hits.map(({ path, total }) => [path, total]));
    assert.deepEqual(byPath(reading.kind === "hits" ? reading.hits : []), byPath(HITS));
  });
}

test("no hits at all are a document, too", () => {
  for (const format of ["json", "csv"] as const) {
    assert.deepEqual(parseHits(formatHits(format, [], FACTS)), { kind: "hits", hits: [] });
  }
});

test("the forms are as documented", () => {
  const hits = [{ path: "/a b", total: 2 }];
  assert.equal(formatHits("csv", hits, FACTS), "path,hits\r\n/a%20b,2\r\n");
  assert.deepEqual(JSON.parse(formatHits("json", hits, FACTS)), {
    format: "weir-hits",
    version: 1,
    exported: "2026-11-25T00:00:00.000Z",
    source: "/srv/public",
    hits: [{ path: "/a%20b", hits: 2 }],
  });
});

const INVALID: readonly [text: string, why: RegExp][] = [
  ["", /^it is neither JSON nor a CSV that begins with path,hits$/],
  ["name,count\n", /^it is neither/],
  ['path,hits\n"/a,1\n', /^a quotation mark is not closed$/],
  ["path,hits\n/a,1\n/b,x\n", /^line 3: hits are a whole number$/],
  ["path,hits\n/a,-1\n", /^line 2: hits are/],
  ["path,hits\n/a\n", /^line 2: hits are/],
  ["path,hits\n/a,1\n/%61,1\n", /^line 3: this path stands there twice$/],
  ["path,hits\na,1\n", /^line 2: a path begins with a slash$/],
  ["{", /^it is no JSON \(/],
  ["{}", /^it is no export of hits/],
  ['{"format":"weir-hits","version":2,"hits":[]}', /^it is of version 2, not 1$/],
  ['{"format":"weir-hits","version":1,"hits":[null]}', /^entry 1: a path/],
  ['{"format":"weir-hits","version":1,"hits":[{"path":"/a","hits":1.5}]}', /^entry 1: hits/],
];

for (const [text, why] of INVALID) {
  test(`what cannot be read says why [${JSON.stringify(text)}]`, () => {
    const reading = parseHits(text);
    assert.match(reading.kind === "invalid" ? reading.why : "it was read", why);
  });
}
