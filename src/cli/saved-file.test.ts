import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { formatFileName, saveStream } from "./saved-file.ts";

const never = new AbortController().signal;

for (const [path, name] of [
  ["/books/a.pdf", "a.pdf"],
  ["/a.pdf?x=/y.png#z", "a.pdf"],
  ["/a%20b.png", "a b.png"],
  ["/gr%C3%BCn.png", "grün.png"],
  ["/..%2f..%2fetc%2fpasswd", ".._.._etc_passwd"],
  ["/..%5C..%5Cx", ".._.._x"],
  ["/..", "__"],
  ["/%2e%2e", "__"],
  ["/.", "_"],
  ["/a%00b%0Ac%1b[31m.png", "a_b_c_[31m.png"],
  ["/gpj%E2%80%AEexe.png", "gpj_exe.png"],
  ["/%ff.png", "%ff.png"],
  ["/.bashrc", ".bashrc"],
] as const) {
  test(`the last segment of ${JSON.stringify(path)} is saved as ${JSON.stringify(name)}`, () => {
    assert.equal(formatFileName(path, "image/png"), name);
  });
}

test("a path that ends in a slash gets a name of the answer's type, else index.html", () => {
  assert.equal(formatFileName("/", "application/pdf"), "index.pdf");
  assert.equal(formatFileName("/books/", "image/png; x=y"), "index.png");
  assert.equal(formatFileName("/", "not/known"), "index.html");
  assert.equal(formatFileName("", ""), "index.html");
});

test("a name of 400 two-byte characters is cut to 255 bytes and keeps its extension", () => {
  const name = formatFileName(`/${"%C3%BC".repeat(400)}.tiff`, "image/tiff");
  assert.match(name, /^ü+\.tiff$/);
  assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) >= 254, name);
});

test("a stream is saved whole into a folder that was not there", async (t) => {
  const folder = join(makeTempFolder(t), "new", "deep");
  const savedBytes = await saveStream(folder, "a.png", Readable.from(["ab", "c"]), never);
  assert.equal(savedBytes, 3);
  assert.deepEqual(readdirSync(folder), ["a.png"]);
  assert.equal(readFileSync(join(folder, "a.png"), "utf8"), "abc");
});

test("a stream that fails leaves the earlier file and nothing else", async (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "a.png"), "old");
  async function* broken() {
    yield "new";
    throw new Error("gone");
  }
  await assert.rejects(saveStream(folder, "a.png", Readable.from(broken()), never), /gone/);
  assert.deepEqual(readdirSync(folder), ["a.png"]);
  assert.equal(readFileSync(join(folder, "a.png"), "utf8"), "old");
});

test("an abort leaves nothing", async (t) => {
  const folder = makeTempFolder(t);
  const controller = new AbortController();
  const endless = new Readable({
    read() {
      this.push("x");
      controller.abort();
    },
  });
  await assert.rejects(saveStream(folder, "a.png", endless, controller.signal));
  assert.deepEqual(readdirSync(folder), []);
});

test("a folder of the file's name is not replaced", async (t) => {
  const folder = makeTempFolder(t);
  await saveStream(join(folder, "a.png"), "inner", Readable.from(["x"]), never);
  await assert.rejects(saveStream(folder, "a.png", Readable.from(["y"]), never), /EISDIR/);
  assert.deepEqual(readdirSync(folder), ["a.png"]);
});
