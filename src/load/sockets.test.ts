import assert from "node:assert/strict";
import { test } from "node:test";
import { findUnknownSource, resolveTarget, TargetAddress } from "./sockets.ts";

test("the address that answered is tried first from then on, and none is lost", () => {
  const target = new TargetAddress(["::1", "127.0.0.1", "10.0.0.1"], 8001);
  target.confirm("127.0.0.1");
  assert.deepEqual(target.candidates(undefined), ["127.0.0.1", "::1", "10.0.0.1"]);
  target.confirm("127.0.0.1");
  assert.deepEqual(target.candidates(undefined), ["127.0.0.1", "::1", "10.0.0.1"]);
});

test("a source sees the addresses of its own family only", () => {
  const target = new TargetAddress(["::1", "127.0.0.1"], 8001);
  assert.deepEqual(target.candidates("127.0.0.2"), ["127.0.0.1"]);
  assert.deepEqual(target.candidates("fe80::1"), ["::1"]);
  assert.deepEqual(new TargetAddress(["::1"], 1).candidates("127.0.0.2"), []);
});

test("an address is its own only candidate", async () => {
  const target = await resolveTarget("::1", 8001);
  assert.ok(target instanceof TargetAddress);
  assert.deepEqual(target.candidates(undefined), ["::1"]);
});

test("a name that cannot be (weir.invalid) is host-unknown", async () => {
  const target = await resolveTarget("weir.invalid", 8001);
  assert.ok(!(target instanceof TargetAddress));
  assert.equal(target.reason, "host-unknown");
});

test("127.0.0.1 is an address of this machine, and of no sources none is unknown", async () => {
  assert.equal(await findUnknownSource(["127.0.0.1"]), undefined);
  assert.equal(await findUnknownSource([]), undefined);
});

test("the first address that is not of this machine (203.0.113.9) is found", async () => {
  const sources = ["127.0.0.1", "203.0.113.9", "203.0.113.10"];
  assert.equal(await findUnknownSource(sources), "203.0.113.9");
});
