import assert from "node:assert/strict";
import { test } from "node:test";
import { settledWithin, untilQuiet } from "./clock.ts";

test("what has resolved or rejected has settled, and the wait is over at once", async () => {
  const hour = 3_600_000;
  assert.equal(await settledWithin(Promise.resolve("done"), hour), true);
  assert.equal(await settledWithin(Promise.reject(new Error("failed")), hour), true);
});

test("what never comes has not settled when the time is up", async () => {
  assert.equal(await settledWithin(new Promise(() => {}), 1), false);
});

test("it is quiet after three turns in which nothing was counted [5 events, one in each turn]", async () => {
  let count = 0;
  let turns = 0;
  const readCount = () => {
    turns++;
    if (count < 5) count++;
    return count;
  };
  await untilQuiet(readCount, 1000);
  assert.equal(count, 5);
  assert.ok(turns < 20, `${turns} readings`);
});

test("what is never quiet is waited for in as many turns as are allowed [10]", async () => {
  let readings = 0;
  await untilQuiet(() => readings++, 10);
  assert.equal(readings, 20);
});
