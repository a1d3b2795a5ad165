// A server that is not found at the root: below --base-path, or below a prefix that a proxy takes off.
// Whatever is followed from what it answers, in the way a client follows it, stays below that.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type JsonListing, requestListing, requestOnce } from "../fixtures/one-request.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { walkBelow } from "../fixtures/walk-below.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const TREE = {
  "a b.txt": "a",
  "about.html": '<a href="docs/">docs</a>',
  "README.md": "[the guide](docs/guide.txt) ![one](pics/one.png)",
  "docs/": { "guide.txt": "guide", "deep/": { "deeper/": { "c:d.txt": "c" } } },
  "pics/": { "one.png": "1", "two.png": "2" },
  "old/": { "x.txt": "x" },
};
const RULES = [
  { from: "/gone/**", to: "/docs/**" },
  { from: "/away", to: "https://example.org/" },
];
const ARGS = [
  ...["--rate", "off", "--workers", "1", "--clean-urls", "--readme", "--zip"],
  ...["--redirects", JSON.stringify(RULES)],
];
const HTML = { Accept: "text/html" };

function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  const dir = makeTempFolder(t);
  writeTree(dir, TREE);
  return startWeir(t, { dir, args: [...ARGS, ...args] });
}

/** A proxy as plain as they come: takes a prefix off, and leaves everything else as it is. */
async function startStripping(t: TestContext, prefix: string, port: number): Promise<number> {
  const proxy = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    if (!path.startsWith(`${prefix}/`)) {
      outgoing.writeHead(421).end();
      return;
    }
    const { method, headers } = incoming;
    const onward = request({ port, method, headers, path: path.slice(prefix.length) }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return (proxy.address() as AddressInfo).port;
}

/** What is asked for beside the links: each leads on, or says that nothing is there. */
const STARTS = ["", "docs", "docs/deep", "about.html", "gone/guide.txt", "nothing/at/all"];

const WAYS: readonly (readonly [string, string, (t: TestContext) => Promise<number>])[] = [
  ["--base-path /files", "/files", async (t) => (await serve(t, "--base-path", "/files")).port],
  [
    "--base-path /a/b%20c/",
    "/a/b%20c",
    async (t) => (await serve(t, "--base-path=/a/b%20c/")).port,
  ],
  [
    "a proxy that takes /files off",
    "/files",
    async (t) => startStripping(t, "/files", (await serve(t)).port),
  ],
  ["the root", "", async (t) => (await serve(t)).port],
];

for (const [what, prefix, start] of WAYS) {
  test(`every link and redirect stays below the prefix, and leads somewhere (${what})`, async (t) => {
    const port = await start(t);
    const found = await walkBelow(port, prefix, STARTS);
    assert.deepEqual(found.broken, []);
    assert.deepEqual(found.outside, []);
    for (const path of ["a%20b.txt", "docs/deep/deeper/c%3Ad.txt", "pics/two.png", "about"]) {
      assert.ok(found.seen.has(`${prefix}/${path}`), `${path} of ${[...found.seen].join(" ")}`);
    }
  });
}

test("below a base path the rest is as ever: hits, rules, zips, JSON with whole addresses", async (t) => {
  const weir = await serve(t, "--base-path", "/files/");
  const guide = await requestOnce(weir.port, "/files/docs/guide.txt");
  assert.equal(guide.body.toString(), "guide");
  const listing = await requestListing(weir.port, "/files/docs/");
  assert.equal(listing.path, "/docs/");
  assert.deepEqual(
    listing.entries.map(({ href, hits }) => [href, hits]),
    [
      ["/files/docs/deep/", 0],
      ["/files/docs/guide.txt", 1],
    ],
  );
  const away = await requestOnce(weir.port, "/files/away");
  assert.equal(fieldValue(away, "location"), "https://example.org/");
  const zip = await requestOnce(weir.port, "/files/docs/?download=zip");
  assert.equal(fieldValue(zip, "content-type"), "application/zip");
  assert.equal((await requestOnce(weir.port, "/files/docs/", { method: "POST" })).status, 405);
  assert.equal((await requestOnce(weir.port, "*", { method: "OPTIONS" })).status, 204);
});

test("outside of a base path nothing is there, and the base path itself has a slash", async (t) => {
  const weir = await serve(t, "--base-path", "/files");
  const moved = await requestOnce(weir.port, "/files?sort=size");
  assert.equal(moved.status, 301);
  assert.equal(fieldValue(moved, "location"), "files/?sort=size");
  for (const path of ["/", "/docs/guide.txt", "/file", "/filesystem/", "/x/files/docs/guide.txt"]) {
    const { status, body } = await requestOnce(weir.port, path, { fields: HTML });
    assert.equal(status, 404, path);
    const href = /<a href="([^"]*)">Root folder/.exec(body.toString())?.[1] ?? "";
    assert.equal(new URL(href, `http://h${path}`).pathname, "/files/", path);
  }
  assert.equal((await requestOnce(weir.port, "/%66iles/docs/guide.txt")).status, 200);
  assert.equal((await requestOnce(weir.port, "/files%2Fdocs/guide.txt")).status, 404);
  assert.equal((await requestOnce(weir.port, "/files/../docs/guide.txt")).status, 400);
});

test("a base path that is none is refused in one line, from a flag and from the environment", async (t) => {
  const dir = makeTempFolder(t);
  await assert.rejects(startWeir(t, { dir, args: ["--base-path", "files"] }), {
    message: /"files".*give a path such as \/files/,
  });
  await assert.rejects(startWeir(t, { dir, env: { WEIR_BASE_PATH: "/a b" } }), {
    message: /"\/a b" for WEIR_BASE_PATH.*"\/a%20b"/,
  });
});

test("X-Forwarded-Prefix is believed of a trusted proxy, and of nobody else", async (t) => {
  const hrefOf = async (weir: WeirProcess, path: string, prefix?: string) => {
    const fields: Record<string, string> = { Accept: "application/json" };
    if (prefix !== undefined) fields["X-Forwarded-Prefix"] = prefix;
    const { body } = await requestOnce(weir.port, path, { fields });
    return (JSON.parse(body.toString()) as JsonListing).entries[0]?.href;
  };
  const alone = await serve(t);
  assert.equal(await hrefOf(alone, "/docs/", "/files"), "/docs/deep/");
  const weir = await serve(t, "--trust-proxy", "127.0.0.1", "--base-path", "/base");
  const told: readonly (readonly [string | undefined, string])[] = [
    [undefined, ""],
    ["/files/", "/files"],
    ["/a, /b", "/a/b"],
    ["//evil.example", ""],
    ["/a/../b", ""],
    ['/"<', ""],
    ["javascript:x", ""],
    [`/${"a".repeat(300)}`, ""],
    ["/", ""],
    [undefined, ""],
  ];
  for (const [prefix, expected] of told) {
    assert.equal(await hrefOf(weir, "/base/docs/", prefix), `${expected}/base/docs/deep/`);
  }
});
