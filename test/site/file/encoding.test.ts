// Compressed representations through the real command: each variant decodes to the file, and has its
// own tag and its own ranges.

import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { CACHED_MS } from "../../../src/site/file/response-cache.ts";
import { requestOnce } from "../../fixtures/one-request.ts";
import { fieldValue, type RawResponse } from "../../fixtures/raw-response.ts";
import { makeTempFolder, type Tree, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";

const CODINGS = ["br", "zstd", "gzip"] as const;
const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync } as const;
const TEXT = Array.from({ length: 5000 }, (_, index) => `<p>line ${index} of a page</p>\n`).join(
  "",
);

type Fields = Readonly<Record<string, string>>;

async function serve(
  t: TestContext,
  tree: Tree,
  args: readonly string[] = [],
): Promise<WeirProcess & { readonly dir: string }> {
  const dir = makeTempFolder(t);
  writeTree(dir, tree);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "1", ...args] });
  return { ...weir, dir };
}

function get({ port }: WeirProcess, target: string, fields: Fields = {}): Promise<RawResponse> {
  return requestOnce(port, target, { fields });
}

/** Without the fields that differ from one moment to the next. */
function lastingFields(response: RawResponse): (readonly [string, readonly string[]])[] {
  return [...response.fields].filter(([name]) => name !== "date");
}

test("every coding decodes to the file; all variants vary, and have strong tags of their own", async (t) => {
  const weir = await serve(t, { "a.html": TEXT });
  const tags = new Set<string>();
  for (const coding of [undefined, ...CODINGS]) {
    const response = await get(weir, "/a.html", coding && { "Accept-Encoding": coding });
    assert.equal(response.status, 200);
    assert.equal(fieldValue(response, "content-encoding"), coding);
    assert.equal(fieldValue(response, "content-type"), "text/html; charset=utf-8");
    assert.equal(fieldValue(response, "vary"), "Accept-Encoding");
    assert.equal(fieldValue(response, "content-length"), `${response.body.length}`);
    const body = coding === undefined ? response.body : DECODE[coding](response.body);
    assert.equal(body.toString(), TEXT);
    if (coding !== undefined) assert.ok(response.body.length < TEXT.length / 4);
    const tag = fieldValue(response, "etag") ?? "";
    assert.match(tag, /^"[\x21\x23-\x7e]+"$/);
    tags.add(tag);
  }
  assert.equal(tags.size, 4);
});

/** Accept-Encoding, and the Content-Encoding of the answer. */
const NEGOTIATIONS: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ["", undefined],
  ["identity", undefined],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, zstd", "zstd"],
  ["br;q=0, gzip", "gzip"],
  ["gzip;q=0.5, br;q=0.1", "gzip"],
  ["*", "br"],
  ["x-gzip", undefined],
  ["gzip;q=-1", undefined],
  ["gzip;q=0", undefined],
];

test(`the answer has the coding that was negotiated [${NEGOTIATIONS.length} fields]`, async (t) => {
  const weir = await serve(t, { "a.html": TEXT });
  for (const [field, expected] of NEGOTIATIONS) {
    const response = await get(
      weir,
      "/a.html",
      field === undefined ? {} : { "Accept-Encoding": field },
    );
    assert.equal(response.status, 200, `"${field}"`);
    assert.equal(fieldValue(response, "content-encoding"), expected, `"${field}"`);
  }
  // Two fields are one list (RFC 9110 §5.3).
  const twice = await get(weir, "/a.html", {
    "Accept-Encoding": "gzip",
    "accept-encoding": "br;q=0.1",
  });
  assert.equal(fieldValue(twice, "content-encoding"), "gzip");
});

test("406 is told only to a client that takes nothing there is", async (t) => {
  const weir = await serve(t, {
    "a.html": TEXT,
    "a.png": Buffer.alloc(5000, "p"),
    "s.txt": "short",
  });
  for (const [target, field, status] of [
    ["/a.html", "*;q=0", 406],
    ["/a.html", "identity;q=0", 406],
    ["/a.html", "identity;q=0, gzip", 200],
    ["/a.html", "*;q=0, zstd", 200],
    ["/a.png", "identity;q=0", 406],
    ["/a.png", "identity;q=0, gzip", 200],
    ["/s.txt", "identity;q=0, br", 200],
    ["/s.txt", "br", 200],
    ["/a.html", "compress", 200],
  ] as const) {
    const response = await get(weir, target, { "Accept-Encoding": field });
    assert.equal(response.status, status, `${target} ${field}`);
    const isCoded = response.fields.has("content-encoding");
    if (isCoded || status === 406)
      assert.match(response.fields.get("vary")?.join() ?? "", /Accept-Encoding/);
  }
  assert.equal((await get(weir, "/absent.html", { "Accept-Encoding": "*;q=0" })).status, 404);
});

test("HEAD has the fields of GET in every coding, and no body", async (t) => {
  const weir = await serve(t, { "a.html": TEXT, "b.txt": TEXT, "b.txt.gz": gzipSync(TEXT) });
  for (const target of ["/a.html", "/b.txt"]) {
    for (const coding of ["identity", ...CODINGS]) {
      const fields = { "Accept-Encoding": coding };
      const ofHead = await requestOnce(weir.port, target, { method: "HEAD", fields });
      const ofGet = await get(weir, target, fields);
      assert.deepEqual(lastingFields(ofHead), lastingFields(ofGet));
      assert.equal(ofHead.body.length, 0);
    }
  }
});

test("the tag of each variant gives a 304 for it, and the whole for the others", async (t) => {
  const weir = await serve(t, { "a.html": TEXT });
  const variants = ["identity", ...CODINGS];
  const tags = new Map<string, string>();
  for (const variant of variants) {
    const response = await get(weir, "/a.html", { "Accept-Encoding": variant });
    tags.set(variant, fieldValue(response, "etag") ?? "");
  }
  for (const variant of variants) {
    for (const [other, tag] of tags) {
      const fields = { "Accept-Encoding": variant, "If-None-Match": tag };
      const response = await get(weir, "/a.html", fields);
      assert.equal(response.status, variant === other ? 304 : 200, `${variant}, tag of ${other}`);
      assert.equal(fieldValue(response, "vary"), "Accept-Encoding");
      assert.equal(fieldValue(response, "etag"), tags.get(variant));
    }
  }
});

test("ranges of a coded variant are ranges of its own bytes: put together, they decode to the file", async (t) => {
  const weir = await serve(t, { "a.html": TEXT });
  for (const coding of CODINGS) {
    const accept = { "Accept-Encoding": coding };
    const whole = await get(weir, "/a.html", accept);
    const tag = fieldValue(whole, "etag") ?? "";
    const size = whole.body.length;
    const pieces: Buffer[] = [];
    for (let at = 0; at < size; at += 1000) {
      const range = `bytes=${at}-${at + 999}`;
      const part = await get(weir, "/a.html", { ...accept, Range: range, "If-Range": tag });
      assert.equal(part.status, 206);
      assert.equal(fieldValue(part, "content-encoding"), coding);
      assert.equal(fieldValue(part, "etag"), tag);
      const last = Math.min(at + 999, size - 1);
      assert.equal(fieldValue(part, "content-range"), `bytes ${at}-${last}/${size}`);
      pieces.push(part.body);
    }
    assert.equal(DECODE[coding](Buffer.concat(pieces)).toString(), TEXT);
    // The tag of these bytes is not that of the file's own: a resumed download never mixes the two.
    const plain = await get(weir, "/a.html", { Range: "bytes=1000-", "If-Range": tag });
    assert.equal(plain.status, 200);
    assert.equal(plain.body.toString(), TEXT);
    const beyond = await get(weir, "/a.html", { ...accept, Range: `bytes=${size}-` });
    assert.equal(fieldValue(beyond, "content-range"), `bytes */${size}`);
  }
});

test("a sibling is sent when it is not older than its file; itself it is a file like any other", async (t) => {
  const br = "not looked at: br";
  const weir = await serve(
    t,
    { "a.html": TEXT, "a.html.br": br, "b.html": TEXT, "b.html.gz": gzipSync(TEXT) },
    ["--types", "html,gz"],
  );
  const old = new Date(Date.now() - 60_000);
  const coded = async (name: string, field: string) => {
    const { body } = await get(weir, `/${name}`, { "Accept-Encoding": field });
    return body;
  };
  assert.equal((await coded("a.html", "br")).toString(), br);
  assert.equal(brotliDecompressSync(await coded("b.html", "br")).toString(), TEXT);
  utimesSync(join(weir.dir, "a.html.br"), old, old);
  assert.equal(brotliDecompressSync(await coded("a.html", "br")).toString(), TEXT);
  utimesSync(join(weir.dir, "a.html"), old, old);
  assert.equal((await coded("a.html", "br")).toString(), br);
  // Not of a served type, so not to be asked for by its own name.
  assert.equal((await get(weir, "/a.html.br")).status, 404);
  const archive = await get(weir, "/b.html.gz", { "Accept-Encoding": "gzip, br" });
  assert.equal(fieldValue(archive, "content-type"), "application/gzip");
  assert.equal(fieldValue(archive, "content-encoding"), undefined);
  assert.ok(archive.body.equals(gzipSync(TEXT)));
});

/** Names, sizes, and whether clients that take br get it. */
const SIZES: readonly (readonly [string, number, boolean])[] = [
  ["1023.txt", 1023, false],
  ["1024.txt", 1024, true],
  ["4-mib.txt", 4 * 1024 * 1024, true],
  ["above-4-mib.txt", 4 * 1024 * 1024 + 1, false],
  ["a.png", 5000, false],
  ["a.jpg", 5000, false],
];

test("pictures, the very small and the large are sent as they are; --no-compress sends all so", async (t) => {
  const tree = Object.fromEntries(SIZES.map(([name, size]) => [name, Buffer.alloc(size, "a")]));
  const fields = { "Accept-Encoding": "br, gzip" };
  const weir = await serve(t, tree);
  for (const [name, size, isCoded] of SIZES) {
    const response = await get(weir, `/${name}`, fields);
    assert.equal(fieldValue(response, "content-encoding"), isCoded ? "br" : undefined, name);
    const bytes = isCoded ? brotliDecompressSync(response.body) : response.body;
    assert.equal(bytes.length, size);
    assert.equal(response.fields.has("vary"), name.endsWith(".txt"), name);
  }
  const plain = await serve(t, { ...tree, "1024.txt.br": "br" }, ["--no-compress"]);
  for (const [name, size] of SIZES) {
    const response = await get(plain, `/${name}`, fields);
    assert.equal(response.fields.has("content-encoding"), false, name);
    assert.equal(response.fields.has("vary"), false, name);
    assert.equal(response.body.length, size);
  }
});

test("100 requests at once for a new file get the same bytes, and a changed file new ones", async (t) => {
  const weir = await serve(t, { "a.html": "old" }, ["--workers", "2"]);
  for (const text of [TEXT, TEXT.replaceAll("line", "verse")]) {
    writeFileSync(join(weir.dir, "a.html"), text);
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => get(weir, "/a.html", { "Accept-Encoding": "br" })),
    );
    const [first] = responses;
    assert.equal(first && brotliDecompressSync(first.body).toString(), text);
    for (const { status, body } of responses) assert.ok(status === 200 && first?.body.equals(body));
    assert.equal(new Set(responses.map((response) => fieldValue(response, "etag"))).size, 1);
    // Of a file that so many ask for, a change is seen a second later at most.
    await setTimeout(CACHED_MS);
  }
});
