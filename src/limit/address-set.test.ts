import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIpAddress, UNIX_PEER } from "../base/ip-address.ts";
import { AddressSet } from "./address-set.ts";

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
