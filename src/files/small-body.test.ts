import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingSource } from "../../test/fixtures/counting-source.ts";

import { makeHead } from "../../test/fixtures/request-head.ts";
import { NO_BODY, type Reply } from "../http/reply.ts";
import { loadSmallBody, SMALL_BODY_BYTES_MAX } from "./small-body.ts";

function bodyOf(reply: Reply | "changed"): Buffer {
  assert.ok(reply !== "changed" && reply.body.kind === "bytes");
  return reply.body.bytes;
}

for (const lengthBytes of [0, 1, 1000, SMALL_BODY_BYTES_MAX]) {
  test(`a small body is read whole and its source closed [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    const fields = [["A", "b"]] as const;
    const reply = await loadSmallBody(makeHead(), { ...source.reply(), fields });
    assert.ok(bodyOf(reply).equals(source.bytes));
    assert.equal(source.closedCount, 1);
    assert.ok(reply !== "changed" && reply.status === 200 && reply.fields === fields);
  });
}

test("of a large source a small part is read [1,000 bytes at 100,000]", async () => {
  const source = new CountingSource(200_000);
  const read = source.read.bind(source);
  source.read = (into, position) => read(into.subarray(0, 7), position);
  const reply = await loadSmallBody(makeHead(), source.reply(100_000, 1000));
  assert.ok(bodyOf(reply).equals(source.bytes.subarray(100_000, 101_000)));
  assert.equal(source.closedCount, 1);
});

const LARGE_BYTES = SMALL_BODY_BYTES_MAX + 1;

test("a large body is left to be read while it is sent, and its source open", async () => {
  const source = new CountingSource(LARGE_BYTES);
  const reply = source.reply();
  assert.equal(await loadSmallBody(makeHead(), reply), reply);
  assert.equal(source.closedCount, 0);
});

for (const lengthBytes of [10, LARGE_BYTES]) {
  test(`the body for HEAD is not read, whatever became of it [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.brokenAt = 0;
    source.hasChanged = true;
    const reply = source.reply();
    assert.equal(await loadSmallBody(makeHead({}, "HEAD"), reply), reply);
    assert.equal(source.closedCount, 0);
  });

  test(`a file that is another by now is told before the head leaves [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.hasChanged = true;
    const reply = await loadSmallBody(makeHead(), source.reply());
    assert.ok(reply === "changed");
    assert.equal(source.closedCount, 1);
  });

  test(`a source that cannot tell whether it changed is closed [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.isUnchanged = () => {
      throw new Error("the disk is gone");
    };
    await assert.rejects(loadSmallBody(makeHead(), source.reply()), /the disk is gone/);
    assert.equal(source.closedCount, 1);
  });
}

test("a file that was cut short is told, and its source closed", async () => {
  const source = new CountingSource(1000);
  source.endsAt = 999;
  assert.equal(await loadSmallBody(makeHead(), source.reply()), "changed");
  assert.equal(source.closedCount, 1);
});

test("a source that breaks is closed, and says why", async () => {
  const source = new CountingSource(1000);
  source.brokenAt = 0;
  await assert.rejects(loadSmallBody(makeHead(), source.reply()), /the disk is broken/);
  assert.equal(source.closedCount, 1);
});

test("bodies of other kinds are left as they are", async () => {
  for (const body of [
    NO_BODY,
    { kind: "bytes", bytes: Buffer.from("a") },
    { kind: "parts", parts: [] },
  ] as const) {
    const reply: Reply = { status: 304, fields: [], body };
    assert.equal(await loadSmallBody(makeHead(), reply), reply);
  }
});
