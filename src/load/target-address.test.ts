import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveTarget, TargetAddress } from "./target-address.ts";

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

test("an address stands for itself", async () => {
  const target = await resolveTarget("::1", 8001);
  assert.ok(target instanceof TargetAddress);
  assert.deepEqual(target.candidates(undefined), ["::1"]);
});

test("a name that cannot be (weir.invalid) is host-unknown", async () => {
  const target = await resolveTarget("weir.invalid", 8001);
  assert.ok(!(target instanceof TargetAddress));
  assert.equal(target.reason, "host-unknown");
});
