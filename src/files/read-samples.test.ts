import assert from "node:assert/strict";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { ReadSamples, SAMPLE_BYTES_MAX } from "./read-samples.ts";

const READ_BYTES = 8192;

function makeContent(readCount: number): Buffer {
  const content = Buffer.alloc(readCount * READ_BYTES);
  for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(at, at);
  return content;
}

function sample(content: Buffer): ReadSamples {
  const samples = new ReadSamples();
  for (let at = 0; at < content.length; at += READ_BYTES) {
    samples.add(at, content.subarray(at, at + READ_BYTES));
  }
  return samples;
}

function openWith(t: TestContext, content: Buffer): number {
  const path = join(makeTempFolder(t), "file");
  writeFileSync(path, content);
  const fd = openSync(path, "r");
  t.after(() => closeSync(fd));
  return fd;
}

for (const readCount of [1, 2, 63, 64, 65, 1000]) {
  test(`a file that has only grown has all that was sampled [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const fd = openWith(t, Buffer.concat([content, Buffer.from("more")]));
    assert.equal(sample(content).areIn(fd), true);
  });
}

for (const readCount of [1, 64, 1000]) {
  test(`a file without the last read's beginning, or with another first one, is found [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const samples = sample(content);
    const other = Buffer.from(content);
    other[SAMPLE_BYTES_MAX - 1]! ^= 1;
    assert.equal(samples.areIn(openWith(t, other)), false);
    assert.equal(samples.areIn(openWith(t, content.subarray(0, SAMPLE_BYTES_MAX - 1))), false);
  });
}

for (const readCount of [2, 64, 65, 1000, 5000]) {
  test(`a file whose content moved by a byte halfway is found [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const half = content.length / 2;
    const moved = [content.subarray(0, half), Buffer.from("x"), content.subarray(half)];
    assert.equal(sample(content).areIn(openWith(t, Buffer.concat(moved))), false);
  });
}

test("the number of samples is bounded [100,000 reads]", (t) => {
  const samples = new ReadSamples();
  const content = makeContent(1);
  for (let at = 0; at < 100_000; at++) samples.add(0, content);
  assert.equal(samples.areIn(openWith(t, content)), true);
  assert.ok(samples.count <= 64);
});
