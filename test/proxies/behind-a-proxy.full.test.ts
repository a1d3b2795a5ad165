// weir behind each proxy of deploy/: the program itself finds nothing wrong with the file, and what a
// browser asks for comes through as weir answers it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { requestListing, requestOnce } from "../fixtures/one-request.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startProxied } from "./proxies.ts";
import { type FrontProxy, PROXIES } from "./proxy-config.ts";

const run = promisify(execFile);
const TEXT = "0123456789".repeat(500);
const SHIPPED = {
  haproxy: "haproxy.cfg",
  nginx: undefined,
  caddy: "Caddyfile",
  varnish: "varnish.vcl",
};

/** Written out, so that what a test needs can be read from the call. */
const REQUIRED: Readonly<Record<string, (t: TestContext) => string | undefined>> = {
  haproxy: (t) => requireProgram(t, "haproxy", "haproxy"),
  nginx: (t) => requireProgram(t, "nginx", "nginx-light"),
  caddy: (t) => requireProgram(t, "caddy", "caddy"),
  varnish: (t) => requireProgram(t, "varnishd", "varnish"),
};

for (const [name, proxy] of Object.entries(PROXIES)) {
  const shipped = SHIPPED[name as keyof typeof SHIPPED];
  // nginx also opens the files that its configuration names; it is checked with the next test's.
  if (shipped !== undefined) {
    test(`${proxy.program} finds nothing wrong with deploy/${shipped}`, async (t) => {
      const program = REQUIRED[name]?.(t);
      if (program === undefined) return;
      const file = fileURLToPath(new URL(`../../deploy/${shipped}`, import.meta.url));
      await run(program, proxy.check(file, makeTempFolder(t)), { maxBuffer: 16 * 1024 * 1024 });
    });
  }

  test(`weir behind ${name}: a page, HEAD, a range, a 304 and a listing`, async (t) => {
    const program = REQUIRED[name]?.(t);
    if (program === undefined) return;
    await assertAnswers(t, proxy, program);
  });
}

async function assertAnswers(t: TestContext, proxy: FrontProxy, program: string): Promise<void> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a b.txt": TEXT, "sub/": { "c.txt": "c" } });
  const { port, answered, sent, quiet } = await startProxied(t, proxy, program, dir);
  const target = "/a%20b.txt";

  const page = await requestOnce(port, target);
  assert.equal(page.status, 200);
  assert.equal(page.body.toString(), TEXT);
  const tag = fieldValue(page, "etag") ?? "";
  assert.match(tag, /^"/);

  const head = await requestOnce(port, target, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(fieldValue(head, "content-length"), String(TEXT.length));
  assert.equal(head.body.length, 0);

  const range = await requestOnce(port, target, { fields: { Range: "bytes=10-14" } });
  assert.equal(range.status, 206);
  assert.equal(fieldValue(range, "content-range"), `bytes 10-14/${TEXT.length}`);
  assert.equal(range.body.toString(), "01234");

  const kept = await requestOnce(port, target, { fields: { "If-None-Match": tag } });
  assert.equal(kept.status, 304);
  assert.equal(kept.body.length, 0);

  const listing = await requestListing(port, "/");
  const entries = listing.entries.map(({ name, hits }) => [name, hits]);
  // The page, the range and the 304: HEAD is no hit.
  assert.deepEqual(entries, [
    ["sub", 0],
    ["a b.txt", 3],
  ]);

  assert.equal((await requestOnce(port, "/absent")).status, 404);
  await quiet();
  assert.equal(sent().length, 6);
  assert.ok(sent().every(({ isCertain }) => isCertain));
  // Each thread's lines come in batches of its own: their order is not that of the answers.
  const statuses = answered().map(({ status }) => status);
  const wanted = [200, 200, 200, 206, 304, 404];
  // Varnish has also looked once whether weir is there.
  assert.deepEqual(statuses.sort().slice(-wanted.length), wanted);
}
