// Links and everything that is neither file nor folder, in a folder that the real command serves:
// what may be reached by a link, and that nothing special is opened for longer than a look.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestListing, requestOnce } from "../fixtures/one-request.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** A link's name, what it holds, and whether it is served with inside, follow and deny. */
const LINKS: readonly (readonly [string, string, boolean, boolean, boolean])[] = [
  ["inner-file", "a.txt", true, true, false],
  ["inner-folder", "folder", true, true, false],
  ["folder/up-and-down", "../folder/../a.txt", true, true, false],
  ["inner-absolute", "ROOT/a.txt", true, true, false],
  ["to-root", "ROOT", true, true, false],
  ["by-two-links", "inner-folder/b.txt", true, true, false],
  ["sibling-file", "../site-secret/s.txt", false, true, false],
  ["sibling-folder", "../site-secret", false, true, false],
  ["sibling-absolute", "ROOT-secret/s.txt", false, true, false],
  ["parent", "..", false, true, false],
  ["passwd", "/etc/passwd", false, true, false],
  ["out-and-back", "../site-secret/back", true, true, false],
  ["dangling", "absent", false, false, false],
  ["circular", "circular", false, false, false],
  ["circle-1", "circle-2", false, false, false],
  ["circle-2", "circle-1", false, false, false],
];

/** `site` is served; `site-secret` beside it begins with the same letters. */
function makeLinkedSite(t: TestContext): string {
  const root = join(makeTempFolder(t), "site");
  writeTree(root, { "a.txt": "a", folder: { "b.txt": "b" } });
  writeTree(`${root}-secret`, { "s.txt": "secret" });
  symlinkSync(join(root, "a.txt"), `${root}-secret/back`);
  for (const [name, target] of LINKS) {
    symlinkSync(target.replace("ROOT", root), join(root, name));
  }
  return root;
}

for (const [policyIndex, policy] of (["inside", "follow", "deny"] as const).entries()) {
  test(`--symlinks ${policy}: every link is served and listed as the policy says`, async (t) => {
    const root = makeLinkedSite(t);
    const args = ["--rate", "off", "--workers", "1", "--symlinks", policy];
    const { port } = await startWeir(t, { dir: root, args });
    const listed: string[] = [];
    for (const folder of ["", "folder/"]) {
      const { entries } = await requestListing(port, `/${folder}`);
      listed.push(...entries.map(({ name }) => folder + name));
    }
    for (const [name, , ...served] of LINKS) {
      const isServed = served[policyIndex] === true;
      const { status } = await requestOnce(port, `/${name}`);
      const expected = isServed ? [200, 301] : [404];
      assert.ok(expected.includes(status), `${name}: ${status}`);
      assert.equal(listed.includes(name), isServed, `${name} in the listing`);
    }
    for (const target of ["/sibling-folder/s.txt", "/parent/site-secret/s.txt"]) {
      const { status } = await requestOnce(port, target);
      assert.equal(status, policy === "follow" ? 200 : 404, target);
    }
    for (const target of ["/inner-folder/b.txt", "/to-root/to-root/folder/b.txt"]) {
      const { status } = await requestOnce(port, target);
      assert.equal(status, policy === "deny" ? 404 : 200, target);
    }
  });
}

test("a served folder that is itself reached by a link has its own files inside", async (t) => {
  const root = makeLinkedSite(t);
  const link = `${root}-link`;
  symlinkSync(root, link);
  const args = ["--rate", "off", "--workers", "1", "--symlinks", "deny"];
  const { port } = await startWeir(t, { dir: link, args });
  assert.equal((await requestOnce(port, "/a.txt")).status, 200);
  assert.equal((await requestOnce(port, "/folder/b.txt")).status, 200);
  assert.equal((await requestOnce(port, "/sibling-file")).status, 404);
});

test("a FIFO and a socket are answered at once with 404, and are not listed", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  execFileSync("mkfifo", [join(dir, "fifo.txt")]);
  const socketServer = createServer((socket) => socket.destroy()).listen(join(dir, "socket.txt"));
  t.after(() => socketServer.close());
  await once(socketServer, "listening");
  for (const policy of ["inside", "follow"]) {
    const args = ["--rate", "off", "--workers", "1", "--symlinks", policy];
    const { port } = await startWeir(t, { dir, args });
    for (const target of ["/fifo.txt", "/socket.txt", "/fifo.txt/", "/fifo.txt/a"]) {
      assert.equal((await requestOnce(port, target)).status, 404, `${policy} ${target}`);
    }
    assert.deepEqual(
      (await requestListing(port, "/")).entries.map(({ name }) => name),
      ["a.txt"],
    );
  }
});

test("a device is a 404 and not listed, also through a link that may be followed", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  symlinkSync("/dev/zero", join(dir, "link"));
  try {
    execFileSync("mknod", [join(dir, "zero"), "c", "1", "5"], { stdio: "ignore" });
  } catch {
    t.diagnostic("this user may not make devices: only the link to one is tested");
  }
  const args = ["--rate", "off", "--workers", "1", "--symlinks", "follow"];
  const { port } = await startWeir(t, { dir, args });
  for (const target of ["/link", "/zero"]) {
    assert.equal((await requestOnce(port, target)).status, 404, target);
  }
  assert.deepEqual(
    (await requestListing(port, "/")).entries.map(({ name }) => name),
    ["a.txt"],
  );
});

test("what may not be read is a 403, and the connection and the server go on", async (t) => {
  if (process.getuid?.() === 0) {
    t.skip("root may read everything");
    return;
  }
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a", closed: { "b.txt": "b" } });
  mkdirSync(join(dir, "no-list"));
  chmodSync(join(dir, "a.txt"), 0o000);
  chmodSync(join(dir, "closed"), 0o000);
  chmodSync(join(dir, "no-list"), 0o111);
  t.after(() => chmodSync(join(dir, "closed"), 0o700));
  const { port, stderr } = await startWeir(t, { dir, args: ["--rate", "off"] });
  const before = stderr();
  for (const target of ["/a.txt", "/closed", "/closed/", "/closed/b.txt", "/no-list/"]) {
    assert.equal((await requestOnce(port, target)).status, 403, target);
  }
  assert.equal(stderr(), before);
});
