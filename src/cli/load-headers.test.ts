import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoadHeaders } from "./load-headers.ts";

test("fields are read one a line, with the space around the value taken off", () => {
  assert.deepEqual(parseLoadHeaders("Accept:text/html \nX-A:  b: c\nX-Empty:"), [
    "Accept: text/html",
    "X-A: b: c",
    "X-Empty: ",
  ]);
});

for (const text of ["", "Accept", "X A: b", ": b", "X-A: b\rX-B: c", "X-A: \u20ac", "X-A: b\n"]) {
  test(`what is no field is refused (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseLoadHeaders(text), { message: /^give a name, a colon and a value/ });
  });
}

test("fields that decide about the body and the connection are refused", () => {
  for (const name of ["Content-Length", "transfer-encoding", "Connection"]) {
    assert.throws(() => parseLoadHeaders(`${name}: 1`), {
      message: new RegExp(`leave ${name} out`),
    });
  }
});
