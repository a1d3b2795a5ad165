import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddressSet,
  formatIpAddress,
  maskIpAddress,
  parseIpAddress,
  sharesPrefix,
  UNIX_PEER,
} from "./ip-address.ts";

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

const SET = new AddressSet([
  { address: "10.0.0.0", prefixBits: 8 },
  { address: "192.0.2.7", prefixBits: 32 },
  { address: "fd00::", prefixBits: 8 },
]);

const ADDRESSES: readonly [address: string, isInside: boolean][] = [
  ["10.0.0.0", true],
  ["10.255.255.255", true],
  ["::ffff:10.1.2.3", true],
  ["11.0.0.0", false],
  ["9.255.255.255", false],
  ["192.0.2.7", true],
  ["192.0.2.6", false],
  ["fdff::1", true],
  ["fe00::1", false],
  // Not mapped, only alike.
  ["::10.1.2.3", false],
  ["a00::", false],
];

for (const [text, isInside] of ADDRESSES) {
  test(`${text} is ${isInside ? "in" : "not in"} 10.0.0.0/8,192.0.2.7,fd00::/8`, () => {
    const address = parseIpAddress(text);
    assert.ok(address !== undefined);
    assert.equal(SET.has(address), isInside);
  });
}

test("nobody is in no blocks, every IPv4 address in 0.0.0.0/0, and no IPv6 one", () => {
  const [ipv4, ipv6] = [parseIpAddress("10.0.0.1"), parseIpAddress("::1")];
  assert.ok(ipv4 !== undefined && ipv6 !== undefined);
  assert.equal(new AddressSet([]).has(ipv4), false);
  const all = new AddressSet([{ address: "0.0.0.0", prefixBits: 0 }]);
  assert.deepEqual([all.has(ipv4), all.has(ipv6)], [true, false]);
});

test("the clients of Unix sockets are in a set by their word, and in no block of addresses", () => {
  const ipv4 = parseIpAddress("10.0.0.1");
  assert.ok(ipv4 !== undefined);
  const set = new AddressSet([
    { address: "127.0.0.1", prefixBits: 32 },
    { address: UNIX_PEER, prefixBits: 0 },
  ]);
  assert.deepEqual([set.hasUnixPeers, set.has(ipv4)], [true, false]);
  assert.equal(new AddressSet([{ address: "0.0.0.0", prefixBits: 0 }]).hasUnixPeers, false);
});

test("blocks that lie one in the other, touch and stand apart answer as one look at each of them", () => {
  const random = seededRandom();
  for (let trial = 0; trial < 200; trial++) {
    const blocks = Array.from({ length: 40 }, () => {
      const prefixBits = Math.floor(random() * 33);
      const address = ipv4Of(maskOf(prefixBits, Math.floor(random() * 2 ** 32)));
      return { address, prefixBits };
    }).filter(({ prefixBits }) => prefixBits > 3);
    const set = new AddressSet(blocks);
    for (let look = 0; look < 50; look++) {
      const near = blocks[Math.floor(random() * blocks.length)];
      const number = numberOf(near?.address ?? "0.0.0.0") + Math.floor(random() * 5) - 2;
      const text = ipv4Of(((number % 2 ** 32) + 2 ** 32) % 2 ** 32);
      const address = parseIpAddress(text);
      assert.ok(address !== undefined);
      const isInside = blocks.some(
        (block) => maskOf(block.prefixBits, numberOf(text)) === numberOf(block.address),
      );
      assert.equal(set.has(address), isInside, `${text} in ${JSON.stringify(blocks)}`);
    }
  }
});

function seededRandom(seed = 20_261_126): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function maskOf(prefixBits: number, number: number): number {
  const rest = 2 ** (32 - prefixBits);
  return number - (number % rest);
}

function numberOf(text: string): number {
  return text.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

function ipv4Of(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
