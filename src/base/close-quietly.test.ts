import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { closeQuietly } from "./close-quietly.ts";

test("a descriptor is closed, and one that is closed already is no error", () => {
  const fd = openSync(import.meta.filename, "r");
  assert.equal(closeQuietly(fd), undefined);
  assert.throws(() => closeSync(fd), { code: "EBADF" });
  assert.equal(closeQuietly(fd), undefined);
});

test("what throws as it is closed is closed, and so is what was never opened", () => {
  let closeCount = 0;
  const thing = {
    close(): void {
      closeCount++;
      throw new Error("the disk is full");
    },
  };
  assert.equal(closeQuietly(thing), undefined);
  assert.equal(closeCount, 1);
  assert.equal(closeQuietly(undefined), undefined);
});

test("what closes later is waited for, and its rejection is no error", async () => {
  let isClosed = false;
  const slow = {
    async close(): Promise<void> {
      await Promise.resolve();
      isClosed = true;
    },
  };
  await closeQuietly(slow);
  assert.equal(isClosed, true);
  await closeQuietly({ close: () => Promise.reject(new Error("the disk is full")) });
});
