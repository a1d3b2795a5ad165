import assert from "node:assert/strict";
import { test } from "node:test";
import { settledWithin } from "./clock.ts";

test("what has resolved or rejected has settled, and the wait is over at once", async () => {
  const hour = 3_600_000;
  assert.equal(await settledWithin(Promise.resolve("done"), hour), true);
  assert.equal(await settledWithin(Promise.reject(new Error("failed")), hour), true);
});

test("what never comes has not settled when the time is up", async () => {
  assert.equal(await settledWithin(new Promise(() => {}), 1), false);
});
