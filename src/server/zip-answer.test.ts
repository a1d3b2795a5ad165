import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../test/fixtures/request-head.ts";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { resolvePath } from "../files/resolve-path.ts";
import { closeBody } from "../http/reply.ts";
import { asksForZip, FolderZips, ZIPS_MAX } from "./zip-answer.ts";

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
