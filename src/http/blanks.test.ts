import assert from "node:assert/strict";
import { test } from "node:test";
import { isBlank, trimBlanks } from "./blanks.ts";

test("spaces and tabs are blanks; line breaks and other white space are none", () => {
  assert.deepEqual(
    [..." \t\n\r\u00a0a"].map((text) => isBlank(text.charCodeAt(0))),
    [true, true, false, false, false, false],
  );
});

test("blanks at the ends are left out, those inside stay [whole, a part, only blanks]", () => {
  assert.equal(trimBlanks(" \ta b\t "), "a b");
  assert.equal(trimBlanks("x, a b ,y", 2, 7), "a b");
  assert.equal(trimBlanks(" \t "), "");
  assert.equal(trimBlanks(""), "");
});
