import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFileName } from "./part-file.ts";

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
