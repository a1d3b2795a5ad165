import assert from "node:assert/strict";
import { test } from "node:test";
import { textReply, withFields } from "./reply.ts";

test("textReply counts bytes, not characters, and withFields adds behind", () => {
  const reply = withFields(textReply(200, "text/plain", "\u00fc", [["A", "b"]]), [["C", "d"]]);
  assert.deepEqual(reply.fields, [
    ["Content-Type", "text/plain"],
    ["A", "b"],
    ["C", "d"],
  ]);
  assert.ok(reply.body.kind === "bytes" && reply.body.bytes.length === 2);
});
