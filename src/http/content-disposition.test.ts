import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAttachment } from "./content-disposition.ts";

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
