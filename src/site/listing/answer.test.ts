import assert from "node:assert/strict";
import { rmdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { makeHead } from "../../../test/fixtures/request-head.ts";
import { makeTempFolder, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { systemClock } from "../../base/clock.ts";
import { closeBody, type Reply } from "../../http/reply.ts";
import { openServed } from "../file/open-served.ts";
import { resolvePath, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { answerWithListing } from "./answer.ts";
import { RememberedFolders } from "./remembered-folders.ts";
import { WorkPlace } from "./time-slice.ts";

const RULES = { hidden: false, symlinks: "inside", types: undefined } as const;
const JSON_FIELDS = { accept: "application/json" };
/** More than a folder is "young" for. */
const SETTLED_MS = 50;

interface Site {
  readonly folder: ServedFolder;
  readonly hits: Map<string, number>;
  readonly rememberedFolders: RememberedFolders;
}

function makeSite(t: TestContext, rememberedFolders = new RememberedFolders(systemClock)): Site {
  const folder = { rootDir: makeTempFolder(t), rules: RULES };
  return { folder, hits: new Map(), rememberedFolders };
}

function pathOf(rawPath: string): SafePath {
  const resolved = resolvePath(rawPath);
  return resolved.kind === "path" ? resolved.path : assert.fail(rawPath);
}

interface Listed {
  readonly reply: Reply | "absent";
  releaseCount(): number;
}

/** Opens a folder and lists it; `meanwhile` happens between the two. */
function list(
  site: Site,
  rawPath: string,
  { fields = {}, method = "GET", meanwhile = () => {} } = {},
): Listed {
  const path = pathOf(rawPath);
  const opened = openServed(site.folder, path);
  assert.ok(opened.kind === "folder");
  meanwhile();
  let releaseCount = 0;
  const folder = {
    readPath: opened.folder.readPath,
    release() {
      releaseCount++;
      opened.folder.release();
    },
  };
  const hits = { hitsOf: (hitPath: string) => site.hits.get(hitPath) ?? 0 };
  const { folder: served, rememberedFolders } = site;
  const listingMemory = { folders: rememberedFolders, workPlace: new WorkPlace() };
  const indexNames = ["index.html"];
  const source = { folder: served, hits, indexNames, listingMemory, basePath: "" };
  const reply = answerWithListing(source, site.folder, makeHead(fields, method), path, folder);
  return { reply, releaseCount: () => releaseCount };
}

interface JsonListing {
  readonly entries: readonly { name: string; size?: number; hits: number; href: string }[];
}

async function readText({ reply }: Listed): Promise<string> {
  assert.ok(reply !== "absent");
  const { body } = reply;
  try {
    if (body.kind === "bytes") return body.bytes.toString();
    return body.kind === "parts" ? (await Array.fromAsync(body.parts)).join("") : assert.fail();
  } finally {
    closeBody(body);
  }
}

async function listJson(site: Site, rawPath = "/"): Promise<JsonListing> {
  return JSON.parse(await readText(list(site, rawPath, { fields: JSON_FIELDS }))) as JsonListing;
}

async function listNames(site: Site): Promise<string[]> {
  return (await listJson(site)).entries.map(({ name }) => name);
}

function writeMany(folder: string, count: number): void {
  writeTree(
    folder,
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, ""])),
  );
}

test("a small folder is answered in one piece, and let go of at once (a file, a folder)", async (t) => {
  const site = makeSite(t);
  writeTree(site.folder.rootDir, { "docs/": { "a b.txt": "12345", "sub/": {} } });
  site.hits.set("/docs/a b.txt", 3).set("/docs/sub/", 2).set("/docs/sub/index.html", 5);
  const listed = list(site, "/docs/", { fields: JSON_FIELDS });
  assert.equal(listed.releaseCount(), 1);
  assert.ok(listed.reply !== "absent" && listed.reply.body.kind === "bytes");
  const { entries } = JSON.parse(await readText(listed)) as JsonListing;
  assert.deepEqual(
    entries.map(({ href, size, hits }) => ({ href, size, hits })),
    [
      { href: "/docs/sub/", size: undefined, hits: 7 },
      { href: "/docs/a%20b.txt", size: 5, hits: 3 },
    ],
  );
  const page = list(site, "/docs/");
  assert.match(await readText(page), /<title>Index of \/docs\/<\/title>/);
  assert.equal(page.releaseCount(), 1);
});

test("up to 190 entries leave in one piece in either form, known or not (190 files and folders)", async (t) => {
  const site = makeSite(t, makeMemory().memory);
  const names = Array.from({ length: 95 }, (_, index) => [`file-${index}.txt`, `folder-${index}/`]);
  writeTree(
    site.folder.rootDir,
    Object.fromEntries(names.flat().map((name) => [name, name.endsWith("/") ? {} : ""])),
  );
  await wait(SETTLED_MS);
  for (const fields of [{}, JSON_FIELDS, {}, JSON_FIELDS]) {
    const { reply } = list(site, "/", { fields });
    assert.ok(reply !== "absent" && reply.body.kind === "bytes");
  }
});

test("a link is listed for what it leads to, if that may be served (inside, outside, nowhere)", async (t) => {
  const site = makeSite(t);
  const outside = makeTempFolder(t);
  writeTree(outside, { secret: "123" });
  const { rootDir } = site.folder;
  writeTree(rootDir, { "sub/": { "ä.txt": "12345" } });
  symlinkSync("sub/ä.txt", join(rootDir, "inside"));
  symlinkSync("sub", join(rootDir, "ünside"));
  symlinkSync(join(outside, "secret"), join(rootDir, "outside"));
  symlinkSync("nothing", join(rootDir, "nowhere"));
  assert.deepEqual(
    (await listJson(site)).entries.map(({ name, size }) => [name, size]),
    [
      ["sub", undefined],
      ["ünside", undefined],
      ["inside", 5],
    ],
  );
});

test("a large folder is answered in parts that make the listing (3000 files)", async (t) => {
  const site = makeSite(t);
  writeMany(site.folder.rootDir, 3000);
  const listed = list(site, "/", { fields: JSON_FIELDS });
  assert.ok(listed.reply !== "absent" && listed.reply.body.kind === "parts");
  const all = await Array.fromAsync(listed.reply.body.parts);
  const parts = all.filter((part) => part !== "");
  assert.ok(parts.length > 3);
  for (const part of parts) assert.ok(part.length <= 128 * 1024);
  const { entries } = JSON.parse(parts.join("")) as JsonListing;
  assert.deepEqual(
    entries.map(({ name }) => name),
    Array.from({ length: 3000 }, (_, index) => `f${index}`),
  );
  closeBody(listed.reply.body);
  assert.equal(listed.releaseCount(), 1);
});

const ENDS: readonly (readonly [string, number])[] = [
  ["all of it is taken", Number.POSITIVE_INFINITY],
  ["its reader leaves after the first part", 1],
  ["its reader leaves after the third part", 3],
  ["none of it is taken, as for HEAD", 0],
];

for (const [what, partsTaken] of ENDS) {
  test(`the folder is let go of once when ${what} (3000 files)`, async (t) => {
    const site = makeSite(t);
    writeMany(site.folder.rootDir, 3000);
    const { reply, releaseCount } = list(site, "/", { method: partsTaken === 0 ? "HEAD" : "GET" });
    assert.ok(reply !== "absent" && reply.body.kind === "parts");
    let takenCount = 0;
    if (partsTaken > 0) {
      for await (const _part of reply.body.parts) if (++takenCount >= partsTaken) break;
    }
    closeBody(reply.body);
    assert.equal(releaseCount(), 1);
  });
}

test("HEAD says what GET does (a small folder)", (t) => {
  const site = makeSite(t);
  writeTree(site.folder.rootDir, { a: "" });
  assert.deepEqual(list(site, "/", { method: "HEAD" }).reply, list(site, "/").reply);
});

test("a folder that was removed since it was opened is absent, and let go of", (t) => {
  const site = makeSite(t);
  writeTree(site.folder.rootDir, { "docs/": {} });
  const { reply, releaseCount } = list(site, "/docs/", {
    meanwhile: () => rmdirSync(join(site.folder.rootDir, "docs")),
  });
  assert.equal(reply, "absent");
  assert.equal(releaseCount(), 1);
});

/** A memory whose clock stands still until it is set forward. */
function makeMemory(): { memory: RememberedFolders; setForward(ms: number): void } {
  let nowMs = systemClock.monotonicMs();
  return {
    memory: new RememberedFolders({ monotonicMs: () => nowMs }),
    setForward(ms) {
      nowMs += ms;
    },
  };
}

test("a folder is read once a second: a new size is seen then, hits are seen at once", async (t) => {
  const { memory, setForward } = makeMemory();
  const site = makeSite(t, memory);
  const { rootDir } = site.folder;
  writeTree(rootDir, { "a.txt": "12345" });
  await wait(SETTLED_MS);
  const facts = async () => (await listJson(site)).entries.map(({ size, hits }) => [size, hits]);
  assert.deepEqual(await facts(), [[5, 0]]);
  site.hits.set("/a.txt", 1);
  truncateSync(join(rootDir, "a.txt"), 2);
  assert.deepEqual(await facts(), [[5, 1]]);
  // More than a second, because the clock stood still while this test did not.
  setForward(60_000);
  assert.deepEqual(await facts(), [[2, 1]]);
});

test("new and vanished names are seen at once, and another folder of that name", async (t) => {
  const site = makeSite(t, makeMemory().memory);
  const { rootDir } = site.folder;
  writeTree(rootDir, { "sub/": { "a.txt": "" } });
  const names = async () => {
    const { entries } = await listJson(site, "/sub/");
    await wait(SETTLED_MS);
    return entries.map(({ name }) => name);
  };
  await wait(SETTLED_MS);
  assert.deepEqual(await names(), ["a.txt"]);
  writeFileSync(join(rootDir, "sub/b.txt"), "");
  assert.deepEqual(await names(), ["a.txt", "b.txt"]);
  assert.deepEqual(await names(), ["a.txt", "b.txt"]);
  rmSync(join(rootDir, "sub/a.txt"));
  assert.deepEqual(await names(), ["b.txt"]);
  assert.deepEqual(await names(), ["b.txt"]);
  rmSync(join(rootDir, "sub"), { recursive: true });
  writeTree(rootDir, { "sub/": { "c.txt": "" } });
  assert.deepEqual(await names(), ["c.txt"]);
});

test("a folder that changes all the time is never listed as it was before (300 changes)", async (t) => {
  const site = makeSite(t, makeMemory().memory);
  const path = join(site.folder.rootDir, "a.txt");
  for (let turn = 0; turn < 150; turn++) {
    writeFileSync(path, "");
    assert.deepEqual(await listNames(site), ["a.txt"]);
    rmSync(path);
    assert.deepEqual(await listNames(site), []);
  }
});

test("what is remembered of a folder serves both forms and every order (2 files)", async (t) => {
  const site = makeSite(t, makeMemory().memory);
  writeTree(site.folder.rootDir, { "a.txt": "1", "b.txt": "" });
  await wait(SETTLED_MS);
  for (let turn = 0; turn < 2; turn++) {
    assert.deepEqual(await listNames(site), ["a.txt", "b.txt"]);
    assert.match(await readText(list(site, "/")), /<bdi>a\.txt<.*\n.*<bdi>b\.txt</);
  }
});
