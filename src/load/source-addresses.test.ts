import assert from "node:assert/strict";
import { test } from "node:test";
import { findUnknownSource } from "./source-addresses.ts";

test("127.0.0.1 is an address of this machine, and of no sources none is unknown", async () => {
  assert.equal(await findUnknownSource(["127.0.0.1"]), undefined);
  assert.equal(await findUnknownSource([]), undefined);
});

test("the first address that is not of this machine (203.0.113.9) is found", async () => {
  const sources = ["127.0.0.1", "203.0.113.9", "203.0.113.10"];
  assert.equal(await findUnknownSource(sources), "203.0.113.9");
});
