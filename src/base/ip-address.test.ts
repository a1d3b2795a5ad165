import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIpAddress, maskIpAddress, parseIpAddress, sharesPrefix } from "./ip-address.ts";

const SPELLINGS: readonly [text: string, one: string][] = [
  ["127.0.0.1", "127.0.0.1"],
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["::ffff:10.0.0.9", "10.0.0.9"],
  ["::FFFF:0a00:0009", "10.0.0.9"],
  ["0:0:0:0:0:ffff:10.0.0.9", "10.0.0.9"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
];

for (const [text, one] of SPELLINGS) {
  test(`${text} is read, and written as ${one}`, () => {
    const address = parseIpAddress(text);
    assert.ok(address !== undefined);
    assert.equal(formatIpAddress(address), one);
  });
}

const NO_ADDRESSES = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.4 ",
  "0x7f.0.0.1",
  "2130706433",
  "١.2.3.4",
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "12345::",
  "g::",
  ":1::",
  "1:",
  "::1.2.3",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "fe80::1%eth0",
  "[::1]",
  `${"0".repeat(5000)}1.2.3.4`,
];

for (const text of NO_ADDRESSES) {
  test(`${JSON.stringify(text.slice(0, 30))} is no address`, () => {
    assert.equal(parseIpAddress(text), undefined);
  });
}

const PREFIXES: readonly [one: string, other: string, bits: number, isShared: boolean][] = [
  ["10.0.0.1", "10.255.0.1", 8, true],
  ["10.0.0.1", "11.0.0.1", 8, false],
  ["10.0.0.1", "11.0.0.1", 7, true],
  ["10.0.0.1", "10.0.0.1", 32, true],
  ["10.0.0.1", "10.0.0.0", 32, false],
  ["10.0.0.1", "10.0.0.0", 31, true],
  ["10.0.0.1", "200.0.0.0", 0, true],
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", 64, true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", 64, false],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", 63, true],
  ["::1", "::2", 128, false],
  ["::1", "::3", 126, true],
  ["::", "0.0.0.0", 0, false],
  ["::ffff:10.0.0.1", "10.0.0.1", 32, true],
];

for (const [one, other, bits, isShared] of PREFIXES) {
  test(`${one} and ${other} ${isShared ? "share" : "do not share"} their first ${bits} bits`, () => {
    const [first, second] = [parseIpAddress(one), parseIpAddress(other)];
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(sharesPrefix(first, second, bits), isShared);
    const isSame =
      formatIpAddress(maskIpAddress(first, bits)) === formatIpAddress(maskIpAddress(second, bits));
    assert.equal(first.family === second.family && isSame, isShared);
  });
}
