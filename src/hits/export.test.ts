import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodePath,
  encodePath,
  formatCsvLine,
  formatHits,
  parseCsv,
  parseHits,
} from "./export.ts";

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
  ["path,hits\n/a,1\n/%61,1\n", /^line 3: this path is there twice$/],
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

test("every byte goes out as printable ASCII and comes back as it was [all 256]", () => {
  const path = `/${String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))}`;
  assert.match(encodePath(path), /^[\x21-\x7e]+$/);
  assert.equal(decodePath(encodePath(path)), path);
});

const PATH_TEXTS: readonly [text: string, path: string][] = [
  ["/a%2Cb", "/a,b"],
  ["/a%2cb", "/a,b"],
  ["/100%", "/100%"],
  ["/two\nlines", "/two\nlines"],
  ["/caf\u00e9", "/caf\xc3\xa9"],
  ["/caf%C3%A9 \u20ac", "/caf\xc3\xa9 \xe2\x82\xac"],
];

for (const [text, path] of PATH_TEXTS) {
  test(`a path written by hand is read [${JSON.stringify(text)}]`, () => {
    assert.equal(decodePath(text), path);
  });
}

const CSV_TEXTS: readonly [text: string, lines: string[][] | undefined][] = [
  ["", []],
  ["a,b", [["a", "b"]]],
  [
    "a,b\r\nc,d\r\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a,b\nc,d\n\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["\ufeffa,b\r", [["a", "b"]]],
  ["a,", [["a", ""]]],
  [",", [["", ""]]],
  ['"a,""b""\r\nc",d', [['a,"b"\r\nc', "d"]]],
  ['"",x\n', [["", "x"]]],
  ['"a', undefined],
  ['a"b,c', undefined],
  ['"a"b,c', undefined],
];

for (const [text, lines] of CSV_TEXTS) {
  test(`lines and fields are told apart [${JSON.stringify(text)}]`, () => {
    assert.deepEqual(
      parseCsv(text)?.map(({ fields }) => fields),
      lines,
    );
  });
}

test("whatever fields hold, they come back, and lines keep their numbers", () => {
  const rows = [
    ["plain", "1"],
    ['q"uo,te', "two\r\nlines"],
    ["", "last"],
  ];
  const lines = parseCsv(rows.map(formatCsvLine).join(""));
  assert.deepEqual(
    lines?.map(({ fields }) => fields),
    rows,
  );
  assert.deepEqual(
    lines?.map(({ lineNumber }) => lineNumber),
    [1, 2, 4],
  );
});
