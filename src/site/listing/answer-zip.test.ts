import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../../test/fixtures/request-head.ts";
import { makeTempFolder } from "../../../test/fixtures/temp-folder.ts";
import { closeBody } from "../../http/reply.ts";
import { resolvePath } from "../path.ts";
import { asksForZip, FolderZips, formatAttachment, ZIPS_MAX } from "./answer.ts";

const QUERIES: readonly (readonly [string | undefined, boolean])[] = [
  ["download=zip", true],
  ["sort=size&download=zip", true],
  ["download=zi%70", true],
  ["download=ZIP", false],
  ["download=tar", false],
  ["download", false],
  ["zip", false],
  [undefined, false],
];

for (const [rawQuery, expected] of QUERIES) {
  test(`the query asks for a zip or does not [${rawQuery}]`, () => {
    const head = makeHead();
    assert.equal(asksForZip({ ...head, target: { ...head.target, rawQuery } }), expected);
  });
}

test(`no more than ${ZIPS_MAX} zips are made at once, and one that ends makes room, begun or not`, async (t) => {
  const folder = {
    rootDir: makeTempFolder(t),
    rules: { hidden: false, symlinks: "inside", types: undefined } as const,
  };
  const resolved = resolvePath("/");
  assert.ok(resolved.kind === "path");
  const { path } = resolved;
  const zips = await FolderZips.load();
  const replies = Array.from({ length: ZIPS_MAX }, () => zips.answer(folder, path));
  assert.equal(zips.answer(folder, path), "busy");
  const [first, second] = replies;
  assert.ok(first !== undefined && first !== "busy" && first.body.kind === "parts");
  assert.ok((await Array.fromAsync(first.body.parts)).length > 0);
  closeBody(first.body);
  assert.ok(second !== undefined && second !== "busy");
  closeBody(second.body);
  for (const expected of ["room", "room", "busy"]) {
    const reply = zips.answer(folder, path);
    assert.equal(reply === "busy" ? "busy" : "room", expected);
  }
});

const NAMES: readonly (readonly [name: string, ascii: string, encoded: string])[] = [
  ["docs.zip", "docs.zip", "docs.zip"],
  ["a b.zip", "a b.zip", "a%20b.zip"],
  ["Größe.zip", "Gr__e.zip", "Gr%C3%B6%C3%9Fe.zip"],
  ["☂.zip", "_.zip", "%E2%98%82.zip"],
  ['a"b\\c.zip', "a_b_c.zip", "a%22b%5Cc.zip"],
  ["100%41.zip", "100_41.zip", "100%2541.zip"],
  ["a\r\nSet-Cookie: b.zip", "a__Set-Cookie: b.zip", "a%0D%0ASet-Cookie%3A%20b.zip"],
  ["\ud800.zip", "_.zip", "%EF%BF%BD.zip"],
];

for (const [name, ascii, encoded] of NAMES) {
  test(`a download has its name in ASCII and as it is [${JSON.stringify(name)}]`, () => {
    assert.deepEqual(formatAttachment(name), [
      "Content-Disposition",
      `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    ]);
  });
}
