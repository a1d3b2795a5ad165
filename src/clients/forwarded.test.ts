import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet, formatIpAddress } from "../base/ip-address.ts";
import {
  findForwardedClient,
  HOPS_MAX,
  type HopReader,
  readForwardedHop,
  readXForwardedForHop,
} from "./forwarded.ts";

const TRUSTED = new AddressSet([
  { address: "10.0.0.0", prefixBits: 8 },
  { address: "fd00::", prefixBits: 8 },
]);

/** `192.0.2.1`, or `behind 10.0.0.1` for somebody of whom no more could be read. */
function clientOf(readHop: typeof readForwardedHop, text: string): string {
  const client = findForwardedClient(text, readHop, (hop) => TRUSTED.has(hop));
  const address = client.address === undefined ? "the peer" : formatIpAddress(client.address);
  return client.isNamed ? address : `behind ${address}`;
}

/** As X-Forwarded-For, and the same hops as Forwarded. */
const FIELDS: readonly [text: string, client: string][] = [
  ["192.0.2.1", "192.0.2.1"],
  ["6.6.6.6, 192.0.2.1", "192.0.2.1"],
  ["6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
  ["192.0.2.1, 10.0.0.2, 10.0.0.1", "192.0.2.1"],
  ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["10.0.0.3", "10.0.0.3"],
  ["unknown", "behind the peer"],
  ["192.0.2.1, unknown", "behind the peer"],
  ["192.0.2.1, _x, 10.0.0.2", "behind 10.0.0.2"],
  ["_x, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
  ["_x, 10.0.0.3, 10.0.0.2", "behind 10.0.0.3"],
  ["192.0.2.1, 10.0.0.999, 10.0.0.2", "behind 10.0.0.2"],
];

for (const [text, client] of FIELDS) {
  test(`the client of ${text} is ${client}, behind 10.0.0.0/8`, () => {
    assert.equal(clientOf(readXForwardedForHop, text), client);
    const forwarded = text.replaceAll(/[^, ]+/g, "for=$&");
    assert.equal(clientOf(readForwardedHop, forwarded), client);
  });
}

test("an empty element is a hop that cannot be read [X-Forwarded-For: 6.6.6.6,]", () => {
  assert.equal(clientOf(readXForwardedForHop, "6.6.6.6,"), "behind the peer");
  assert.equal(clientOf(readXForwardedForHop, ""), "behind the peer");
  assert.equal(clientOf(readForwardedHop, "for=6.6.6.6, "), "behind the peer");
});

test(`behind more than ${HOPS_MAX} trusted proxies nobody is named`, () => {
  const chain = (length: number) => `192.0.2.1${", 10.0.0.2".repeat(length)}`;
  assert.equal(clientOf(readXForwardedForHop, chain(HOPS_MAX - 1)), "192.0.2.1");
  assert.equal(clientOf(readXForwardedForHop, chain(HOPS_MAX)), "behind 10.0.0.2");
  assert.equal(clientOf(readXForwardedForHop, chain(1500)), "behind 10.0.0.2");
});

test("a field of 16 KiB is read to the first hop that is no proxy's, and not further", () => {
  let readCount = 0;
  const readHop: typeof readForwardedHop = (text, end) => {
    readCount++;
    return readForwardedHop(text, end);
  };
  assert.equal(
    clientOf(readHop, `${"for=10.0.0.2, ".repeat(1100)}for=192.0.2.1, for=10.0.0.2`),
    "192.0.2.1",
  );
  assert.equal(readCount, 2);
  readCount = 0;
  clientOf(readHop, `${"for=10.0.0.2, ".repeat(1100)}for=10.0.0.2`);
  assert.equal(readCount, HOPS_MAX);
});

/** All hops from the right, `-` for one that cannot be read: `10.0.0.1 - 192.0.2.1`. */
function hopsOf(read: HopReader, text: string): string {
  const hops: string[] = [];
  for (let end = text.length; end >= 0; ) {
    const hop = read(text, end);
    assert.ok(hop.end < end || end === 0, "each hop is before the last one");
    hops.push(hop.address === undefined ? "-" : formatIpAddress(hop.address));
    end = hop.end;
  }
  return hops.join(" ");
}

const FORWARDED: readonly [text: string, hops: string][] = [
  // The examples of RFC 7239 §4 and §7.
  ['for="_gazonk"', "-"],
  ['For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
  ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"],
  ["for=192.0.2.43, for=198.51.100.17", "198.51.100.17 192.0.2.43"],
  ['for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown', "- 2001:db8:cafe::17 192.0.2.43"],
  ["for=_hidden, for=_SEVKISEK", "- -"],
  ['for="192.0.2.43:47011"', "192.0.2.43"],
  ['for="192.0.2.43:_port"', "192.0.2.43"],
  ['for="[::ffff:192.0.2.1]"', "192.0.2.1"],
  ["proto=https;FOR=192.0.2.1", "192.0.2.1"],
  ["proto=https; for=192.0.2.1 ;by=_x", "192.0.2.1"],
  [";;for=192.0.2.1;", "192.0.2.1"],
  ['for="192\\.0.2.1"', "192.0.2.1"],
  ["for=1.1.1.1\t ,\t for=2.2.2.2", "2.2.2.2 1.1.1.1"],
  // Quoted strings hold what they like.
  ['for=1.1.1.1, for=2.2.2.2;host="a, for=6.6.6.6"', "2.2.2.2 1.1.1.1"],
  ['for=1.1.1.1, for=2.2.2.2;host="a\\", for=6.6.6.6;x=\\"b"', "2.2.2.2 1.1.1.1"],
  ['for=1.1.1.1, host="a\\\\";for=2.2.2.2', "2.2.2.2 1.1.1.1"],
  ['for=1.1.1.1;host="", for=2.2.2.2;host=""', "2.2.2.2 1.1.1.1"],
  // Whatever stands on the left, what is on the right is read.
  ['for="unclosed, for=2.2.2.2', "2.2.2.2 -"],
  ['for="unclosed, for="[2001:db8::1]"', "2001:db8::1 -"],
  ['\\, for="2.2.2.2"', "2.2.2.2 -"],
  ['""", for=2.2.2.2', "2.2.2.2 -"],
  // None of these is an element with one address.
  ["", "-"],
  [",", "- -"],
  ["for=1.1.1.1,", "- 1.1.1.1"],
  ["for", "-"],
  ["for=", "-"],
  ['for=""', "-"],
  ["=1.1.1.1", "-"],
  ["1.1.1.1", "-"],
  ["for = 1.1.1.1", "-"],
  ["for=1.1.1.1 for=2.2.2.2", "-"],
  ["for=1.1.1.1;for=1.1.1.1", "-"],
  ["for=192.0.2.43:47011", "-"],
  ["for=[::1]", "-"],
  ['for="::1"', "-"],
  ['for="[1.1.1.1]"', "-"],
  ['for="[::1"', "-"],
  ['for="[::1]x"', "-"],
  ['for="[::1]:"', "-"],
  ['for=":4711"', "-"],
  ['for="1.1.1.1:70000"', "-"],
  ['for="1.1.1.1:123456"', "-"],
  ['for="1.1.1.1:0x1"', "-"],
  ['for="1.1.1.1"x', "-"],
  ['for="1.1.1.1\\"', "-"],
  ['for=1.1.1.1"', "-"],
  ["for=999.1.1.1", "-"],
  ["for=localhost", "-"],
  ["by=1.1.1.1", "-"],
];

for (const [text, hops] of FORWARDED) {
  test(`Forwarded: ${text} has the hops ${hops}`, () => {
    assert.equal(hopsOf(readForwardedHop, text), hops);
  });
}

const X_FORWARDED_FOR: readonly [text: string, hops: string][] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1, 198.51.100.2,203.0.113.3", "203.0.113.3 198.51.100.2 192.0.2.1"],
  ["2001:DB8::17", "2001:db8::17"],
  ["[2001:db8::17]", "2001:db8::17"],
  ["[2001:db8::17]:4711, 192.0.2.1:80", "192.0.2.1 2001:db8::17"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  [" \t192.0.2.1\t ", "192.0.2.1"],
  ["unknown, 192.0.2.1", "192.0.2.1 -"],
  ["", "-"],
  [",", "- -"],
  ["192.0.2.1,", "- 192.0.2.1"],
  ["192.0.2.1,,192.0.2.2", "192.0.2.2 - 192.0.2.1"],
  ["_hidden", "-"],
  ["unix:", "-"],
  ["fe80::1%eth0", "-"],
  ["192.0.2.1 192.0.2.2", "-"],
  ["192.0.2.01", "-"],
  [":80", "-"],
  ["192.0.2.1:", "-"],
  ["192.0.2.1:65536", "-"],
  ['"192.0.2.1"', "-"],
  ["for=192.0.2.1", "-"],
  ["[192.0.2.1]", "-"],
  ["[]", "-"],
  ["[", "-"],
];

for (const [text, hops] of X_FORWARDED_FOR) {
  test(`X-Forwarded-For: ${text} has the hops ${hops}`, () => {
    assert.equal(hopsOf(readXForwardedForHop, text), hops);
  });
}

test("an element that is longer than any proxy writes cannot be read, and ends nothing else", () => {
  const long = "x".repeat(1100);
  for (const element of [
    `for="${long}"`,
    `for=192.0.2.1;host=${long}`,
    `for="${'\\\\"'.repeat(400)}"`,
  ]) {
    assert.equal(readForwardedHop(element, element.length).address, undefined);
    const text = `${element}, for=192.0.2.1`;
    const hop = readForwardedHop(text, text.length);
    assert.ok(hop.address !== undefined);
    assert.equal(readForwardedHop(text, hop.end).address, undefined);
  }
  const blank = `192.0.2.1${" ".repeat(1100)}`;
  assert.equal(readXForwardedForHop(blank, blank.length).address, undefined);
});
