import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { makeHead } from "../../../test/fixtures/request-head.ts";
import { makeTempFolder, type Tree, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { SourceChangedError } from "../../http/source.ts";
import { resolvePath, type SafePath } from "../path.ts";
import type { ServedFolder, ServingRules } from "../served-folder.ts";
import { ContentTypes } from "./content-type.ts";
import { CodedFiles } from "./encoding.ts";
import { OpenFile } from "./open-file.ts";
import { openServed } from "./open-served.ts";
import {
  BytesSource,
  chooseRepresentation as pick,
  type Representation,
  type RepresentationOptions,
} from "./representation.ts";
import { Siblings } from "./siblings.ts";
import { FileTags } from "./versions.ts";

test("bytes at hand are read from any place, up to their end [abcdef]", () => {
  const source = new BytesSource(Buffer.from("abcdef"));
  const into = Buffer.alloc(4);
  const texts = [0, 3, 5, 6, 100].map((at) => into.toString("latin1", 0, source.read(into, at)));
  assert.deepEqual(texts, ["abcd", "def", "f", "", ""]);
});

test("bytes at hand can be read by others after one has closed them", () => {
  const bytes = Buffer.from("abc");
  const other = new BytesSource(bytes);
  new BytesSource(bytes).close();
  const into = Buffer.alloc(3);
  assert.equal(other.read(into, 0), 3);
  assert.ok(into.equals(bytes));
});

const RULES: ServingRules = { hidden: false, symlinks: "inside", types: undefined };
const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync } as const;
const TEXT = "what is said twice is shorter\n".repeat(500);
/** A second: files made in one test differ by it. */
const STEP_S = 1;

type Site = RepresentationOptions & { readonly folder: ServedFolder };

function makeSite(t: TestContext, tree: Tree, rules: Partial<ServingRules> = {}): Site {
  const rootDir = makeTempFolder(t);
  writeTree(rootDir, tree);
  return {
    folder: { rootDir, rules: { ...RULES, ...rules } },
    codedFiles: new CodedFiles(),
    contentTypes: new ContentTypes(),
    siblings: new Siblings({ onIgnored: () => {} }),
    tags: new FileTags(Date.now),
  };
}

function pathOf(urlPath: string): SafePath {
  const resolved = resolvePath(urlPath);
  return resolved.kind === "path" ? resolved.path : assert.fail(urlPath);
}

/** Opens a file and notes how often it, and each other file that is opened meanwhile, is closed. */
async function openCounted(t: TestContext, site: Site, urlPath: string) {
  const opened = openServed(site.folder, pathOf(urlPath));
  assert.ok(opened.kind === "file", `${urlPath} is ${opened.kind}`);
  const close = t.mock.method(OpenFile.prototype, "close");
  return { file: opened.file, closes: () => close.mock.callCount() };
}

async function choose(
  t: TestContext,
  site: Site,
  urlPath: string,
  acceptEncoding?: string,
): Promise<Representation | "unacceptable"> {
  const { file } = await openCounted(t, site, urlPath);
  const fields = acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding };
  const chosen = await pick(site, site.folder, makeHead(fields), pathOf(urlPath), file);
  if (chosen.kind === "unacceptable") return chosen.kind;
  t.after(() => chosen.representation.source.close());
  return chosen.representation;
}

async function chooseOne(...args: Parameters<typeof choose>): Promise<Representation> {
  const chosen = await choose(...args);
  assert.ok(chosen !== "unacceptable");
  return chosen;
}

async function readAll({ source, sizeBytes }: Representation): Promise<Buffer> {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const readBytes = await source.read(bytes.subarray(at), at);
    assert.ok(readBytes > 0);
    at += readBytes;
  }
  assert.equal(await source.read(Buffer.alloc(1), sizeBytes), 0);
  return bytes;
}

function setModified(site: Site, name: string, secondsLater: number): void {
  const at = 1_790_000_000 + secondsLater * STEP_S;
  utimesSync(join(site.folder.rootDir, name), at, at);
}

test("on the fly: each coding gives the file's bytes when decoded, under a tag of its own", async (t) => {
  const site = makeSite(t, { "a.html": TEXT });
  const plain = await chooseOne(t, site, "/a.html");
  assert.equal((await readAll(plain)).toString(), TEXT);
  const tags = [plain.etag];
  for (const coding of ["br", "zstd", "gzip"] as const) {
    const coded = await chooseOne(t, site, "/a.html", coding);
    assert.equal(coded.coding, coding);
    assert.ok(coded.sizeBytes < plain.sizeBytes);
    assert.equal(DECODE[coding](await readAll(coded)).toString(), TEXT);
    assert.deepEqual(
      [coded.modifiedMs, coded.contentType, coded.varies],
      [plain.modifiedMs, "text/html; charset=utf-8", true],
    );
    tags.push(coded.etag);
  }
  assert.equal(plain.varies, true);
  assert.equal(new Set(tags).size, 4);
  for (const tag of tags) assert.match(tag, /^"[^"]+"$/);
});

/** What is there beside a page of the third second; what a client that takes all three gets. */
const SIBLINGS: readonly (readonly [string, Readonly<Record<string, number>>, string])[] = [
  ["all three of the same second", { ".br": 3, ".zst": 3, ".gz": 3 }, ".br"],
  ["all three, newer", { ".br": 4, ".zst": 5, ".gz": 6 }, ".br"],
  ["an older .br", { ".br": 2, ".zst": 3, ".gz": 3 }, "br on the fly"],
  ["a .gz alone", { ".gz": 3 }, "br on the fly"],
  ["older ones alone", { ".br": 2, ".zst": 1, ".gz": 0 }, "br on the fly"],
];

for (const [what, seconds, expected] of SIBLINGS) {
  test(`siblings: ${what}: ${expected}`, async (t) => {
    const names = Object.keys(seconds).map((ending) => `a.html${ending}`);
    // What they hold is not looked at.
    const tree = Object.fromEntries(names.map((name) => [name, `made before: ${name}`]));
    const site = makeSite(t, { "a.html": TEXT, ...tree });
    setModified(site, "a.html", 3);
    for (const [ending, second] of Object.entries(seconds)) {
      setModified(site, `a.html${ending}`, second);
    }
    const chosen = await chooseOne(t, site, "/a.html", "gzip, br, zstd");
    const bytes = await readAll(chosen);
    assert.equal(chosen.coding, "br");
    if (expected === ".br") assert.equal(bytes.toString(), "made before: a.html.br");
    else assert.equal(brotliDecompressSync(bytes).toString(), TEXT);
    assert.equal(chosen.modifiedMs, statSync(join(site.folder.rootDir, "a.html")).mtimeMs);
  });
}

for (const [coding, ending] of [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
] as const) {
  test(`the sibling of ${coding} ends in ${ending}, and its tag is its own`, async (t) => {
    const site = makeSite(t, { "a.css": TEXT, [`a.css${ending}`]: "made before" });
    setModified(site, "a.css", 1);
    setModified(site, `a.css${ending}`, 1);
    const first = await chooseOne(t, site, "/a.css", coding);
    assert.equal((await readAll(first)).toString(), "made before");
    assert.equal(first.contentType, "text/css; charset=utf-8");
    // Made anew, by a better compressor, say.
    writeFileSync(join(site.folder.rootDir, `a.css${ending}`), "made later");
    const second = await chooseOne(t, site, "/a.css", coding);
    assert.equal((await readAll(second)).toString(), "made later");
    assert.equal(first.coding, coding);
    assert.notEqual(first.etag, second.etag);
  });
}

test("a sibling as large as the file is not sent, and closed; the next coding is", async (t) => {
  const site = makeSite(t, { "a.txt": TEXT, "a.txt.br": `${TEXT}!`, "a.txt.zst": "zst" });
  const { file, closes } = await openCounted(t, site, "/a.txt");
  const head = makeHead({ "accept-encoding": "br, zstd" });
  const chosen = await pick(site, site.folder, head, pathOf("/a.txt"), file);
  assert.ok(chosen.kind === "representation" && chosen.representation.coding === "zstd");
  // The large sibling and the file itself.
  assert.equal(closes(), 2);
  chosen.representation.source.close();
});

test("a sibling larger than the file is sent to a client that takes nothing else", async (t) => {
  const site = makeSite(t, { "a.txt": "short", "a.txt.gz": gzipSync("short") });
  const chosen = await chooseOne(t, site, "/a.txt", "gzip, identity;q=0");
  assert.equal(gunzipSync(await readAll(chosen)).toString(), "short");
  assert.equal((await chooseOne(t, site, "/a.txt", "gzip")).coding, undefined);
});

test("an empty sibling, of a compressor that has not begun or had no room, is none", async (t) => {
  const site = makeSite(t, { "a.txt": TEXT, "a.txt.br": "" });
  const chosen = await chooseOne(t, site, "/a.txt", "br");
  assert.equal(brotliDecompressSync(await readAll(chosen)).toString(), TEXT);
});

test("siblings need no served type, but to be visible, and files [--types html]", async (t) => {
  const tree = { "a.html": TEXT, "a.html.br": "br", "b.html": TEXT, "b.html.br": {} };
  const site = makeSite(t, tree, { types: new Set(["html"]) });
  assert.equal((await readAll(await chooseOne(t, site, "/a.html", "br"))).toString(), "br");
  const chosen = await chooseOne(t, site, "/b.html", "br");
  assert.equal(brotliDecompressSync(await readAll(chosen)).toString(), TEXT);
});

test("a sibling that is a link out of the folder is not followed", async (t) => {
  const outside = join(makeTempFolder(t), "secret");
  writeFileSync(outside, "secret");
  const site = makeSite(t, { "a.html": TEXT });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(outside, join(site.folder.rootDir, "a.html.br"));
  const chosen = await chooseOne(t, site, "/a.html", "br");
  assert.equal(brotliDecompressSync(await readAll(chosen)).toString(), TEXT);
});

test("what has no type by its name is a text if it is one, and compressed as texts are [LICENSE, a.unknown]", async (t) => {
  const binary = Buffer.alloc(5000, "\0a");
  const site = makeSite(t, { LICENSE: TEXT, "a.unknown": binary, "LICENSE.gz": "made before" });
  const text = await chooseOne(t, site, "/LICENSE", "gzip");
  assert.equal((await readAll(text)).toString(), "made before");
  assert.deepEqual([text.coding, text.contentType], ["gzip", "text/plain; charset=utf-8"]);
  const other = await chooseOne(t, site, "/a.unknown", "gzip");
  assert.deepEqual([other.coding, other.varies], [undefined, false]);
  assert.equal(other.contentType, "application/octet-stream");
});

test("a type that is stated goes before what is decided, also for whether a coding gains", async (t) => {
  const site = makeSite(t, { "a.bin": TEXT, "a.txt": TEXT });
  for (const [name, contentType, coding] of [
    ["/a.bin", "text/x-own", "gzip"],
    ["/a.txt", "application/x-own", undefined],
  ] as const) {
    const { file } = await openCounted(t, site, name);
    const head = makeHead({ "accept-encoding": "gzip" });
    const stated = { contentType, coding: undefined };
    const chosen = await pick(site, site.folder, head, pathOf(name), file, stated);
    assert.ok(chosen.kind === "representation");
    t.mock.restoreAll();
    chosen.representation.source.close();
    assert.deepEqual(
      [chosen.representation.contentType, chosen.representation.coding],
      [contentType, coding],
    );
  }
});

/** Files that a client that takes br, zstd, gzip or the bytes as they are gets as they are. */
const AS_THEY_ARE: readonly (readonly [string, number])[] = [
  ["a.png", 5000],
  ["a.jpg", 5000],
  ["a.pdf", 5000],
  ["a.html.gz", 5000],
  ["a.zip", 5000],
  ["below-1-kib.txt", 1023],
  ["empty.txt", 0],
  ["above-4-mib.txt", 4 * 1024 * 1024 + 1],
];

for (const [name, sizeBytes] of AS_THEY_ARE) {
  test(`${name} of ${sizeBytes} bytes is sent as it is`, async (t) => {
    const site = makeSite(t, { [name]: Buffer.alloc(sizeBytes, "a") });
    const chosen = await chooseOne(t, site, `/${name}`, "br, zstd, gzip");
    assert.equal(chosen.coding, undefined);
    assert.equal(chosen.sizeBytes, sizeBytes);
    assert.equal(chosen.varies, name.endsWith(".txt"));
  });
}

for (const sizeBytes of [1024, 4 * 1024 * 1024]) {
  test(`a text of ${sizeBytes} bytes is compressed`, async (t) => {
    const site = makeSite(t, { "a.txt": Buffer.alloc(sizeBytes, "a") });
    assert.equal((await chooseOne(t, site, "/a.txt", "gzip")).coding, "gzip");
  });
}

test("a text that gets no smaller is sent as it is", async (t) => {
  const { randomBytes } = await import("node:crypto");
  const site = makeSite(t, { "a.txt": randomBytes(5000) });
  assert.equal((await chooseOne(t, site, "/a.txt", "br, gzip")).coding, undefined);
});

test("without compression files are sent as they are, and nothing varies", async (t) => {
  const tree = { "a.txt": TEXT, "a.txt.br": "br" };
  const site = { ...makeSite(t, tree), codedFiles: undefined };
  const chosen = await chooseOne(t, site, "/a.txt", "br, gzip");
  assert.deepEqual([chosen.coding, chosen.varies], [undefined, false]);
});

for (const [name, bytes] of [
  ["a.txt", "short"],
  ["a.png", "\x89PNG"],
  ["empty.txt", ""],
] as const) {
  test(`a client that takes only gzip gets it of anything, and caches learn of it [${name}]`, async (t) => {
    const site = makeSite(t, { [name]: bytes });
    const chosen = await chooseOne(t, site, `/${name}`, "gzip, identity;q=0");
    assert.equal(chosen.coding, "gzip");
    assert.equal(chosen.varies, true);
    assert.equal(gunzipSync(await readAll(chosen)).toString(), bytes);
  });
}

/** Files and fields for which there is nothing to send. */
const UNACCEPTABLE: readonly (readonly [string, number, string])[] = [
  ["a.txt", 5000, "identity;q=0"],
  ["a.txt", 5000, "*;q=0"],
  ["a.txt", 5000, "identity;q=0, deflate"],
  ["a.txt", 4 * 1024 * 1024 + 1, "identity;q=0, gzip"],
  ["a.png", 5000, "*;q=0"],
];

for (const [name, sizeBytes, field] of UNACCEPTABLE) {
  test(`nothing of ${sizeBytes} bytes of ${name} is acceptable to [${field}], and it is closed`, async (t) => {
    const site = makeSite(t, { [name]: Buffer.alloc(sizeBytes, "a") });
    const { file, closes } = await openCounted(t, site, `/${name}`);
    const head = makeHead({ "accept-encoding": field });
    const chosen = await pick(site, site.folder, head, pathOf(`/${name}`), file);
    assert.equal(chosen.kind, "unacceptable");
    assert.equal(closes(), 1);
  });
}

test("the file is closed once when its bytes are another's, and kept when they are its own", async (t) => {
  const site = makeSite(t, { "a.txt": TEXT });
  for (const [field, expected] of [
    ["gzip", 1],
    ["identity", 0],
  ] as const) {
    const { file, closes } = await openCounted(t, site, "/a.txt");
    const head = makeHead({ "accept-encoding": field });
    const chosen = await pick(site, site.folder, head, pathOf("/a.txt"), file);
    assert.equal(closes(), expected);
    if (chosen.kind === "representation") chosen.representation.source.close();
    t.mock.restoreAll();
  }
});

test("a file that cannot be read is closed, and says why [a folder's descriptor]", async (t) => {
  const site = makeSite(t, { "a.txt": TEXT });
  mkdirSync(join(site.folder.rootDir, "folder"));
  const fd = openSync(join(site.folder.rootDir, "folder"), "r");
  const file = new OpenFile(fd, statSync(join(site.folder.rootDir, "a.txt")));
  const close = t.mock.method(file, "close", () => closeSync(fd));
  const head = makeHead({ "accept-encoding": "br" });
  await assert.rejects(pick(site, site.folder, head, pathOf("/a.txt"), file), /EISDIR/);
  assert.equal(close.mock.callCount(), 1);
});

test("a file that is written to while it is read is to be opened again, and is closed", async (t) => {
  // By this clock the file has just been written, however long the test takes: its tag needs its content.
  const tags = new FileTags(() => 0);
  const site = { ...makeSite(t, { "a.txt": TEXT }), tags };
  for (const field of ["gzip, identity;q=0", "gzip", "identity"]) {
    const { file, closes } = await openCounted(t, site, "/a.txt");
    writeFileSync(join(site.folder.rootDir, "a.txt"), `${field}${TEXT}`);
    const head = makeHead({ "accept-encoding": field });
    const choosing = pick(site, site.folder, head, pathOf("/a.txt"), file);
    await assert.rejects(choosing, SourceChangedError);
    assert.equal(closes(), 1);
    t.mock.restoreAll();
  }
});

test("a file of the same size and time as the one before is compressed for itself", async (t) => {
  const site = makeSite(t, { "a.txt": "a".repeat(3000), "new.txt": "b".repeat(3000) });
  setModified(site, "a.txt", 0);
  setModified(site, "new.txt", 0);
  const decoded = async () =>
    gunzipSync(await readAll(await chooseOne(t, site, "/a.txt", "gzip"))).toString("latin1", 0, 3);
  assert.equal(await decoded(), "aaa");
  renameSync(join(site.folder.rootDir, "new.txt"), join(site.folder.rootDir, "a.txt"));
  assert.equal(await decoded(), "bbb");
});

test("a brotli sibling made by a compressor decodes to the file", async (t) => {
  const site = makeSite(t, { "a.html": TEXT, "a.html.br": brotliCompressSync(TEXT) });
  const chosen = await chooseOne(t, site, "/a.html", "br");
  assert.equal(brotliDecompressSync(await readAll(chosen)).toString(), TEXT);
});
