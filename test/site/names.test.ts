// Names that want to be something else, on a real disk and through the real command: each is listed
// once, its link leads to its own bytes, and nothing of it gets into a head.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestListing, requestOnce } from "../fixtures/one-request.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** As bytes where they are no UTF-8. */
const NAMES: readonly (string | Buffer)[] = [
  "a b.txt",
  " leading and trailing ",
  "100%.txt",
  "%41.txt",
  "%2e%2e",
  "%00",
  "a#b.txt",
  "a?b.txt",
  "?sort=size",
  "a+b&c=d.txt",
  "a;b,c:d@e.txt",
  '"quotes".txt',
  "'single'.txt",
  "<b onload=x>&amp;.html",
  "back\\slash.txt",
  "..\\..\\up.txt",
  "C:\\windows",
  "...",
  "..a",
  "~",
  "-rf",
  "\u00fcml\u00e4ut \u2013 gr\u00f6\u00dfe.txt",
  "u\u0308 decomposed.txt",
  "\u{1f600} emoji.txt",
  "\u202egnp.exe",
  "x".repeat(255),
  "\u00fc".repeat(127),
  Buffer.from("latin1-\xfc.txt", "latin1"),
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0x61, 0xc3, 0x28]),
  Buffer.from("c1-\x9b2J.txt", "latin1"),
  "new\nline.txt",
  "a\r\nSet-Cookie: b=c",
  "\x1b[2J.txt",
  "tab\t.txt",
  "\x7f",
];

function bytesOf(name: string | Buffer): Buffer {
  return typeof name === "string" ? Buffer.from(name) : name;
}

/** Each file holds its own name. */
function makeHostileFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  for (const name of NAMES) {
    const path = Buffer.concat([Buffer.from(`${dir}/`), bytesOf(name)]);
    writeFileSync(path, bytesOf(name));
  }
  return dir;
}

/** --hidden: two of the names begin with a dot. */
const ARGS = ["--rate", "off", "--workers", "1", "--hidden"];

test(`${NAMES.length} hostile names are listed, linked and served, each once`, async (t) => {
  const { port } = await startWeir(t, { dir: makeHostileFolder(t), args: ARGS });
  const { entries } = await requestListing(port, "/");
  const served: string[] = [];
  for (const { href, name } of entries) {
    assert.match(href, /^\/[A-Za-z0-9._~%-]+$/);
    const response = await requestOnce(port, href);
    assert.equal(response.status, 200, href);
    // What is not UTF-8 is shown with U+FFFD, on both sides of the comparison.
    assert.equal(response.body.toString(), name);
    served.push(response.body.toString("latin1"));
  }
  const expected = NAMES.map((name) => bytesOf(name).toString("latin1"));
  assert.deepEqual(served.toSorted(), expected.toSorted());
});

test("the links of the page lead to the same names as those in JSON", async (t) => {
  const { port } = await startWeir(t, { dir: makeHostileFolder(t), args: ARGS });
  const page = (await requestOnce(port, "/")).body.toString();
  const { entries } = await requestListing(port, "/");
  const links = Array.from(page.matchAll(/<tr><td[^>]*><a href="([^"]*)"/g), ([, href]) => href);
  assert.deepEqual(
    links,
    entries.map(({ href }) => href.slice(1)),
  );
});

test("folders with hostile names are redirected to, listed and entered", async (t) => {
  const dir = makeTempFolder(t);
  for (const name of NAMES) {
    const path = Buffer.concat([Buffer.from(`${dir}/`), bytesOf(name)]);
    mkdirSync(path);
    writeFileSync(Buffer.concat([path, Buffer.from("/in it.txt")]), bytesOf(name));
  }
  const { port } = await startWeir(t, { dir, args: ARGS });
  const { entries } = await requestListing(port, "/");
  assert.equal(entries.length, NAMES.length);
  for (const { href } of entries) {
    const redirect = await requestOnce(port, href.slice(0, -1));
    assert.equal(redirect.status, 301, href);
    assert.equal(`/${fieldValue(redirect, "location")}`, href);
    const [inner] = (await requestListing(port, href)).entries;
    assert.equal(inner?.href, `${href}in%20it.txt`);
    assert.equal((await requestOnce(port, inner.href)).status, 200);
  }
});

test("line breaks in targets and queries never reach a head [%0d%0a, raw bytes]", async (t) => {
  const dir = makeTempFolder(t);
  mkdirSync(join(dir, "docs"));
  const { port } = await startWeir(t, { dir, args: ARGS });
  const attack = "%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a";
  for (const target of [`/docs?${attack}`, `/docs/${attack}`, `/${attack}`, `/${attack}/docs`]) {
    const response = await requestOnce(port, target);
    assert.equal(response.fields.has("set-cookie"), false, target);
    assert.equal(response.status, target.startsWith("/docs?") ? 301 : 400, target);
  }
  const location = fieldValue(await requestOnce(port, `/docs?${attack}`), "location");
  assert.equal(location, `docs/?${attack}`);
});
