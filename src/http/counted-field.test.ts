import assert from "node:assert/strict";
import { test } from "node:test";
import { countDigits, formatCountedField, writeDigits } from "./counted-field.ts";

const NUMBERS: readonly [count: number, digitsMin: number, digits: string][] = [
  [0, 1, "0"],
  [9, 1, "9"],
  [10, 1, "10"],
  [99, 1, "99"],
  [100, 3, "100"],
  [7, 3, "007"],
  [999_999, 1, "999999"],
  [1_000_000, 1, "1000000"],
  [4_294_967_296, 1, "4294967296"],
];

for (const [count, digitsMin, digits] of NUMBERS) {
  const field = { beginning: "a: ", count, digitsMin, end: ";b\r\n" };
  test(`a number is the same digits as text and as bytes [${count}, at least ${digitsMin}]`, () => {
    assert.equal(formatCountedField(field), `a: ${digits};b\r\n`);
    assert.equal(countDigits(field), digits.length);
    const bytes = Buffer.from(`[${"x".repeat(digits.length)}]`);
    writeDigits(bytes, bytes.length - 1, count, digits.length);
    assert.equal(bytes.toString(), `[${digits}]`);
  });
}
