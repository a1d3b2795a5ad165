// `weir serve` from outside: what the real command answers for files, folders and methods, and what
// its flags change. Links, hostile names, large files and the start have pages of their own.

import assert from "node:assert/strict";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestListing, requestOnce } from "../fixtures/one-request.ts";
import { fieldValue, type RawResponse, redirectTarget } from "../fixtures/raw-response.ts";
import { makeTempFolder, type Tree, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const SITE: Tree = {
  "page.html": "<h1>page</h1>",
  "picture.png": "png",
  "photo.JPG": "jpg",
  "book.pdf": "pdf",
  "notes.txt": "0123456789",
  "data.unknown": "?",
  Makefile: "all:",
  empty: "",
  ".hidden": "hidden",
  ".git": { config: "secret" },
  docs: { "index.html": "<h1>docs</h1>", "more.txt": "more" },
  books: { "a.txt": "a", rivers: {} },
};

interface Site {
  readonly port: number;
  get(target: string, fields?: Readonly<Record<string, string>>): Promise<RawResponse>;
  status(target: string): Promise<number>;
}

async function serve(t: TestContext, args: readonly string[] = []): Promise<Site> {
  const dir = makeTempFolder(t);
  writeTree(dir, SITE);
  for (const name of ["notes.txt", "page.html"]) utimesSync(join(dir, name), 1e9, 1e9);
  const { port } = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "1", ...args] });
  const get: Site["get"] = (target, fields = {}) => requestOnce(port, target, { fields });
  return { port, get, status: async (target) => (await get(target)).status };
}

test("files have the type of their name, the length of their content and its bytes", async (t) => {
  const site = await serve(t);
  const types: readonly (readonly [string, string, string])[] = [
    ["/page.html", "text/html; charset=utf-8", "<h1>page</h1>"],
    ["/picture.png", "image/png", "png"],
    ["/photo.JPG", "image/jpeg", "jpg"],
    ["/book.pdf", "application/pdf", "pdf"],
    ["/notes.txt", "text/plain; charset=utf-8", "0123456789"],
    ["/data.unknown", "text/plain; charset=utf-8", "?"],
    ["/Makefile", "text/plain; charset=utf-8", "all:"],
    ["/empty", "text/plain; charset=utf-8", ""],
  ];
  for (const [target, type, body] of types) {
    const response = await site.get(target);
    assert.equal(response.status, 200, target);
    assert.equal(fieldValue(response, "content-type"), type, target);
    assert.equal(fieldValue(response, "content-length"), String(body.length), target);
    assert.equal(fieldValue(response, "x-content-type-options"), "nosniff");
    assert.equal(response.body.toString(), body, target);
  }
});

test("what is not there is a 404, as a page or as JSON, on a connection that goes on", async (t) => {
  const site = await serve(t);
  for (const target of [
    "/absent",
    "/books/absent",
    "/notes.txt/",
    "/notes.txt/a",
    "/%2fnotes.txt",
  ]) {
    const response = await site.get(target);
    assert.equal(response.status, 404, target);
    assert.match(fieldValue(response, "content-type") ?? "", /^text\/html/);
    assert.match(response.body.toString(), /^<!DOCTYPE html>/);
  }
  const json = await site.get("/absent", { Accept: "application/json" });
  assert.equal(json.status, 404);
  assert.equal(JSON.parse(json.body.toString()).status, 404);
  const { status } = await requestOnce(site.port, "/absent", { method: "HEAD" });
  assert.equal(status, 404);
});

/** Targets of a folder without its slash, and where they lead: never to another host. */
const REDIRECTS: readonly (readonly [string, string])[] = [
  ["/docs", "/docs/"],
  ["/docs?a=b&c=%2f", "/docs/?a=b&c=%2f"],
  ["/books/rivers", "/books/rivers/"],
  ["/books/../docs", "/docs/"],
  ["/%64ocs", "/docs/"],
  ["http://evil.test/docs", "/docs/"],
  ["//docs", "/docs/"],
  ["/.//docs", "/docs/"],
  ["//books///rivers", "/books/rivers/"],
  ["//evil.test/%2e%2e/docs", "/docs/"],
  ["/docs?//evil.test/", "/docs/?//evil.test/"],
];

test("a folder without its slash is redirected to the one with it, query kept", async (t) => {
  const site = await serve(t);
  for (const [target, location] of REDIRECTS) {
    const response = await site.get(target);
    assert.equal(response.status, 301, target);
    assert.equal(redirectTarget(response, target), location, target);
    // Relative, for a proxy that has put a prefix in front.
    assert.doesNotMatch(fieldValue(response, "location") ?? "", /^\/|^\w+:/, target);
  }
  for (const target of ["/%2fdocs", "/\\docs", "//evil.test/docs"]) {
    const response = await site.get(target);
    assert.equal(response.status, 404, target);
    assert.equal(fieldValue(response, "location"), undefined);
  }
});

test("methods that are not served get 405 and unknown ones 501, both with Allow", async (t) => {
  const { port } = await serve(t);
  for (const [method, status] of [
    ["POST", 405],
    ["PUT", 405],
    ["DELETE", 405],
    ["PATCH", 405],
    ["TRACE", 405],
    ["PROPFIND", 405],
    ["BREW", 501],
    ["get", 501],
  ] as const) {
    const response = await requestOnce(port, "/page.html", { method });
    assert.equal(response.status, status, method);
    assert.equal(fieldValue(response, "allow"), "GET, HEAD, OPTIONS", method);
  }
  const options = await requestOnce(port, "*", { method: "OPTIONS" });
  assert.equal(options.status, 204);
  assert.equal(fieldValue(options, "allow"), "GET, HEAD, OPTIONS");
});

test("HEAD has the fields of GET and no body [file, index page, listing]", async (t) => {
  const { port, get } = await serve(t);
  for (const target of ["/page.html", "/docs/", "/books/"]) {
    const full = await get(target);
    const head = await requestOnce(port, target, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    const fieldsOf = ({ fields }: RawResponse) => [...fields].filter(([name]) => name !== "date");
    assert.deepEqual(fieldsOf(head), fieldsOf(full), target);
  }
});

test("a folder is its index.html, where there is one; --no-index lists it; --no-listing is a 404", async (t) => {
  const usual = await serve(t);
  assert.equal((await usual.get("/docs/")).body.toString(), "<h1>docs</h1>");
  assert.match((await usual.get("/books/")).body.toString(), /Index of/);
  const noIndex = await serve(t, ["--no-index"]);
  assert.match((await noIndex.get("/docs/")).body.toString(), /Index of/);
  assert.equal(await noIndex.status("/docs/index.html"), 200);
  const noListing = await serve(t, ["--no-listing"]);
  assert.equal(await noListing.status("/docs/"), 200);
  assert.equal(await noListing.status("/books/"), 404);
  assert.equal(await noListing.status("/"), 404);
  assert.equal(await noListing.status("/books"), 301);
});

test("--types html,jpg serves and lists these only, in capitals too", async (t) => {
  const site = await serve(t, ["--types", "html,jpg"]);
  for (const target of ["/page.html", "/photo.JPG", "/docs/"]) {
    assert.equal(await site.status(target), 200, target);
  }
  for (const target of ["/picture.png", "/notes.txt", "/Makefile", "/empty", "/docs/more.txt"]) {
    assert.equal(await site.status(target), 404, target);
  }
  const { entries } = await requestListing(site.port, "/");
  assert.deepEqual(
    entries.map(({ name }) => name),
    ["books", "docs", "page.html", "photo.JPG"],
  );
});

test("names that begin with a dot are neither served nor listed, unless --hidden", async (t) => {
  const targets = ["/.hidden", "/.git/config", "/.git/", "/%2ehidden", "/books/../.hidden"];
  const usual = await serve(t);
  for (const target of targets) assert.equal(await usual.status(target), 404, target);
  const names = async ({ port }: Site) =>
    (await requestListing(port, "/")).entries.map(({ name }) => name);
  assert.ok(!(await names(usual)).some((name) => name.startsWith(".")));
  const hidden = await serve(t, ["--hidden"]);
  for (const target of targets) assert.equal(await hidden.status(target), 200, target);
  assert.deepEqual((await names(hidden)).filter((name) => name.startsWith(".")).sort(), [
    ".git",
    ".hidden",
  ]);
});

test("a listing in JSON has exactly the fields that are promised, with ?format=json too", async (t) => {
  const site = await serve(t);
  const asked = await requestListing(site.port, "/");
  const byQuery = await site.get("/?format=json");
  assert.equal(fieldValue(byQuery, "content-type"), "application/json");
  assert.deepEqual(JSON.parse(byQuery.body.toString()), asked);
  assert.deepEqual(Object.keys(asked), ["path", "entries"]);
  assert.equal(asked.path, "/");
  const find = (name: string) => asked.entries.find((entry) => entry.name === name);
  assert.deepEqual(find("notes.txt"), {
    name: "notes.txt",
    type: "file",
    size: 10,
    modified: "2001-09-09T01:46:40.000Z",
    hits: 0,
    href: "/notes.txt",
  });
  const { modified, ...folder } = find("books") ?? assert.fail("books is not listed");
  assert.match(modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(folder, { name: "books", type: "directory", hits: 0, href: "/books/" });
  const nested = await requestListing(site.port, "/books/");
  assert.equal(nested.path, "/books/");
  assert.deepEqual(
    nested.entries.map(({ href }) => href),
    ["/books/rivers/", "/books/a.txt"],
  );
  await site.get("/notes.txt");
  const again = await requestListing(site.port, "/");
  assert.equal(again.entries.find(({ name }) => name === "notes.txt")?.hits, 1);
});

test("the columns of a listing sort by buttons of its own", async (t) => {
  const site = await serve(t);
  const page = (await site.get("/")).body.toString();
  for (const column of ["name", "size", "modified", "hits"]) {
    assert.match(
      page,
      new RegExp(`<button name="sort" value="${column}">.*name="order" value="(asc|desc)"`),
    );
  }
  const files = async (query: string) => {
    const { entries } = await requestListing(site.port, `/${query}`);
    const isFile = entries.map(({ type }) => type === "file");
    assert.deepEqual(isFile, isFile.toSorted(), "folders come first");
    return entries.filter(({ type }) => type === "file");
  };
  const bySize = (await files("?sort=size&order=desc")).map(({ size }) => size ?? 0);
  assert.deepEqual(
    bySize,
    bySize.toSorted((a, b) => b - a),
  );
  const byName = (await files("?sort=name&order=desc")).map(({ name }) => name);
  assert.deepEqual(byName, (await files("")).map(({ name }) => name).toReversed());
  assert.equal(await site.status("/?sort=constructor&order=up"), 200);
});

test("a file's tag and date answer conditional requests, and guard ranges", async (t) => {
  const { get } = await serve(t);
  const first = await get("/notes.txt");
  const tag = fieldValue(first, "etag") ?? "";
  assert.match(tag, /^"[\w-]+"$/);
  const date = "Sun, 09 Sep 2001 01:46:40 GMT";
  assert.equal(fieldValue(first, "last-modified"), date);
  const cases: readonly (readonly [Record<string, string>, number, string])[] = [
    [{ "If-None-Match": tag }, 304, ""],
    [{ "If-None-Match": '"other"' }, 200, "0123456789"],
    [{ "If-Modified-Since": date }, 304, ""],
    [{ "If-Modified-Since": "Sun, 09 Sep 2001 01:46:39 GMT" }, 200, "0123456789"],
    [{ Range: "bytes=2-4" }, 206, "234"],
    [{ Range: "bytes=-3" }, 206, "789"],
    [{ Range: "bytes=2-4", "If-Range": tag }, 206, "234"],
    [{ Range: "bytes=2-4", "If-Range": '"other"' }, 200, "0123456789"],
    [{ Range: "bytes=2-4", "If-None-Match": tag }, 304, ""],
  ];
  for (const [fields, status, body] of cases) {
    const response = await get("/notes.txt", fields);
    assert.equal(response.status, status, JSON.stringify(fields));
    assert.equal(response.body.toString(), body, JSON.stringify(fields));
    assert.equal(fieldValue(response, "etag"), tag);
  }
  const failed = await get("/notes.txt", { "If-Match": '"other"' });
  assert.equal(failed.status, 412);
  const beyond = await get("/notes.txt", { Range: "bytes=10-" });
  assert.equal(beyond.status, 416);
  assert.equal(fieldValue(beyond, "content-range"), "bytes */10");
});

test("an index.html that may not be read is a 403, not a list of the names beside it", async (t) => {
  if (process.getuid?.() === 0) {
    t.skip("root may read everything");
    return;
  }
  const dir = makeTempFolder(t);
  writeTree(dir, { docs: { "index.html": "secret", "a.txt": "a" } });
  chmodSync(join(dir, "docs/index.html"), 0o000);
  const { port } = await startWeir(t, { dir, args: ["--rate", "off"] });
  assert.equal((await requestOnce(port, "/docs/")).status, 403);
  assert.equal((await requestOnce(port, "/docs/index.html")).status, 403);
});
