import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { skipPlainBytes } from "./plain-bytes.ts";

function isPlain(byte: number, isBeyondAsciiAllowed: boolean): boolean {
  return byte >= 0x20 && byte !== 0x7f && (byte < 0x80 || isBeyondAsciiAllowed);
}

test("what is passed over is plain, and it stops within four bytes of what is not", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const plain = fc.integer({ min: 0x20, max: 0x7e });
  const byte = fc.oneof({ weight: 30, arbitrary: plain }, fc.integer({ min: 0, max: 255 }));
  const bytes = fc.array(byte, { maxLength: 100 }).map((numbers) => Buffer.from(numbers));
  const property = fc.property(bytes, fc.nat(20), fc.boolean(), (buffer, from, isAllowed) => {
    const start = Math.min(from, buffer.length);
    const end = skipPlainBytes(buffer, start, buffer.length, isAllowed);
    for (let at = start; at < end; at++) assert.ok(isPlain(buffer[at] as number, isAllowed));
    const isStopped = buffer.subarray(end, end + 4).some((one) => !isPlain(one, isAllowed));
    assert.ok(isStopped || end > buffer.length - 4, `stops at ${end} of ${buffer.length}`);
  });
  fc.assert(property, { seed, numRuns: 5000 });
});

for (const wrong of [0x00, 0x0a, 0x0d, 0x1f, 0x7f, 0x80, 0xff]) {
  test(`a byte 0x${wrong.toString(16)} is found wherever it stands in a word`, () => {
    for (let at = 0; at < 16; at++) {
      const bytes = Buffer.alloc(20, "x");
      bytes[at] = wrong;
      const end = skipPlainBytes(bytes, 0, bytes.length, false);
      assert.ok(end <= at && end > at - 4, `${end} for ${at}`);
    }
  });
}
