// Content-Type from outside: texts are shown by browsers and not saved, whatever they are called; what
// is no text keeps its type; and nothing becomes a page by what is in it.

import assert from "node:assert/strict";
import { renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, field, serve } from "../../fixtures/ask-weir.ts";
import { makeTempFolder } from "../../fixtures/temp-folder.ts";

const PLAIN = "text/plain; charset=utf-8";
const UNKNOWN = "application/octet-stream";

/** Names of texts that people keep in folders. */
const TEXT_NAMES = (
  "README LICENSE COPYING CHANGELOG Makefile Dockerfile Gemfile go.mod go.sum package.lock " +
  "a.txt a.log a.conf a.cfg a.ini a.toml a.yaml a.yml a.env a.properties a.list " +
  "a.py a.go a.rs a.rb a.pl a.php a.sh a.bash a.c a.h a.cpp a.java a.kt a.swift a.lua a.sql a.r " +
  "a.ts a.mts a.cts a.tsx a.jsx a.cjs a.vue a.svelte a.scss a.less a.tex a.rst a.org a.bat " +
  "a.diff a.patch a.sha256 a.md5 a.asc a.pub a.key a.jsonl a.ndjson a.lock a.srt a.proto a.d.ts a.v1.2"
).split(" ");
const TEXT = "// Größe: ½ ☂\nlet x = '<script>alert(1)</script>';\n";

test(`${TEXT_NAMES.length} names of texts are text/plain in UTF-8, for GET, HEAD and a range, and never sniffed`, async (t) => {
  const weir = await serve(t, Object.fromEntries(TEXT_NAMES.map((name) => [name, TEXT])), []);
  for (const name of TEXT_NAMES) {
    const whole = await ask(weir, `/${name}`);
    const head = await ask(weir, `/${name}`, { method: "HEAD" });
    const range = await ask(weir, `/${name}`, { fields: ["Range: bytes=0-3"] });
    assert.deepEqual([whole.status, head.status, range.status], [200, 200, 206]);
    for (const response of [whole, head, range]) {
      assert.equal(field(response, "content-type"), PLAIN, name);
      assert.equal(field(response, "x-content-type-options"), "nosniff");
      assert.equal(field(response, "content-disposition"), undefined);
    }
    assert.equal(field(head, "content-length"), String(whole.body.length));
  }
});

/** Names, bytes, and the type. */
const OTHERS: readonly (readonly [name: string, bytes: string | Buffer, type: string])[] = [
  ["page", "<!doctype html><script>alert(1)</script>", PLAIN],
  ["page.bak", "<html><body>", PLAIN],
  ["picture", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", PLAIN],
  ["tool", Buffer.from("\x7fELF\x02\x01\x01\0\0\0\0", "latin1"), UNKNOWN],
  ["a.exe", Buffer.from("MZ\x90\0\x03\0\0\0", "latin1"), UNKNOWN],
  ["a.deb", Buffer.from("!<arch>\ndebian-binary   \0\0", "latin1"), UNKNOWN],
  ["a.unknown", Buffer.from([0x00, 0x61]), UNKNOWN],
  [
    "film.ts",
    Buffer.alloc(188 * 50, Buffer.concat([Buffer.from([0x47]), Buffer.alloc(187)])),
    "video/mp2t",
  ],
  ["odd.ts", Buffer.from([0x47, 0x00, 0x01]), UNKNOWN],
  ["old.txt", Buffer.from("für immer\n", "latin1"), "text/plain"],
  ["old.html", Buffer.from("<meta charset=latin1>für\n", "latin1"), "text/html"],
  ["OLD", Buffer.from("größer als zuvor\n", "latin1"), "text/plain"],
  ["wide.txt", Buffer.from("\ufeffwide", "utf16le"), "text/plain; charset=utf-16le"],
  ["marked", Buffer.from("\ufeffmarked"), PLAIN],
  ["a.html", "<p>", "text/html; charset=utf-8"],
  ["a.css", "p{}", "text/css; charset=utf-8"],
  ["a.js", "1", "text/javascript; charset=utf-8"],
  ["a.md", "# a", "text/markdown; charset=utf-8"],
  ["a.csv", "a,b", "text/csv; charset=utf-8"],
  ["a.json", "{}", "application/json"],
  ["a.xml", "<a/>", "application/xml"],
  ["a.svg", "<svg/>", "image/svg+xml"],
  ["a.pdf", "not one", "application/pdf"],
  ["a.zip", "not one", "application/zip"],
  ["a.tar.gz", "not one", "application/gzip"],
];

test("other names and bytes have the type that both allow, and none becomes a page", async (t) => {
  const weir = await serve(t, Object.fromEntries(OTHERS.map(([name, bytes]) => [name, bytes])), []);
  for (const [name, bytes, type] of OTHERS) {
    const response = await ask(weir, `/${name}`);
    assert.equal(field(response, "content-type"), type, name);
    assert.ok(response.body.equals(Buffer.from(bytes)), name);
  }
});

test("a type changes with the file, also where name, length and time stay", async (t) => {
  const weir = await serve(t, { program: "text" }, []);
  const path = join(weir.dir, "program");
  const typeNow = async () => field(await ask(weir, "/program"), "content-type");
  assert.equal(await typeNow(), PLAIN);
  const { atime, mtime } = statSync(path);
  const other = join(makeTempFolder(t), "other");
  writeFileSync(other, Buffer.from([0, 1, 2, 3]));
  utimesSync(other, atime, mtime);
  renameSync(other, path);
  assert.equal(await typeNow(), UNKNOWN);
  writeFileSync(path, "text again");
  assert.equal(await typeNow(), PLAIN);
});

test("texts without an ending are compressed, by a sibling too, and a rule's type goes before all", async (t) => {
  const long = TEXT.repeat(100);
  const headers = JSON.stringify([
    { path: "/NOTICE", set: { "Content-Type": "text/x-own" } },
    { path: "a.py", set: { "Content-Type": "application/x-python" } },
  ]);
  const tree = { LICENSE: long, "LICENSE.br": "made before", NOTICE: long, "a.py": long };
  const weir = await serve(t, tree, ["--headers", headers]);
  const expected: readonly (readonly [string, string, string | undefined])[] = [
    ["LICENSE", PLAIN, "br"],
    ["NOTICE", "text/x-own", "br"],
    // Not a type that gains: it is the rule's word.
    ["a.py", "application/x-python", undefined],
  ];
  for (const [name, type, coding] of expected) {
    const response = await ask(weir, `/${name}`, { fields: ["Accept-Encoding: br"] });
    assert.equal(field(response, "content-type"), type);
    assert.equal(field(response, "content-encoding"), coding, name);
  }
  const { body } = await ask(weir, "/LICENSE", { fields: ["Accept-Encoding: br"] });
  assert.equal(body.toString(), "made before");
});
