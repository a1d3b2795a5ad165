// Folders that may be entered and not read (mode 711): what can be read in them is served, and only
// their names are kept back. As a user who is not root, because root may do everything.

import assert from "node:assert/strict";
import { chmodSync, chownSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NO_LIMIT, outcome } from "../../fixtures/ask-weir.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir } from "../../fixtures/weir-process.ts";

const OTHER_USER = 12_345;
const SKIP = process.getuid?.() === 0 ? false : "needs root, to run weir as another user";

test("a root and folders of mode 711 serve their files, and 403 is the answer to their names", {
  skip: SKIP,
}, async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, {
    "a.txt": "a",
    "page/": { "index.html": "page" },
    "names/": { "b.txt": "b", "deep/": { "c.txt": "c" } },
    "closed/": { "d.txt": "d" },
    "unreadable.txt": "u",
    "precompressed.html": "plain",
    "precompressed.html.br": "secret",
  });
  chmodSync(join(dir, "page"), 0o711);
  chmodSync(join(dir, "names"), 0o711);
  chmodSync(join(dir, "closed"), 0o700);
  for (const name of ["unreadable.txt", "precompressed.html.br"]) chmodSync(join(dir, name), 0o600);
  chmodSync(dir, 0o711);
  chownSync(dir, 0, 0);
  const weir = await startWeir(t, {
    dir,
    args: [...NO_LIMIT, "--state", "memory", "--zip"],
    cwd: "/",
    user: OTHER_USER,
  });
  const expected = {
    "/a.txt": "200 a",
    "/page/": "200 page",
    "/page": "301 /page/",
    "/names/b.txt": "200 b",
    "/names/deep/c.txt": "200 c",
    "/names": "301 /names/",
    "/names/": "403",
    "/": "403",
    "/closed/": "403",
    "/closed/d.txt": "403",
    "/unreadable.txt": "403",
    "/absent.txt": "404",
  };
  for (const [target, status] of Object.entries(expected)) {
    const seen = await outcome(weir, target);
    assert.equal(status.length === 3 ? seen.slice(0, 3) : seen, status, target);
  }
  const page = await outcome(weir, "/precompressed.html", { fields: ["Accept-Encoding: br"] });
  assert.equal(page, "200 plain");
});
