import assert from "node:assert/strict";
import { test } from "node:test";
import { formatClientKey } from "./client-key.ts";

const KEYS: readonly [address: string, key: string][] = [
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:127.0.0.1", "127.0.0.1"],
  ["::FFFF:10.0.0.9", "10.0.0.9"],
  ["::ffff:a00:9", "10.0.0.9"],
  ["::1", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["::1%lo", "::1"],
  ["127.0.0.2", "127.0.0.2"],
  ["::2", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["2001:db8::1:0:0:0:5", "2001:db8:0:1::/64"],
  // Of no subscriber's network: neighbours on the link, IPv4 clients behind a translator.
  ["fe80::1%eth0", "fe80::1"],
  ["febf::a:b", "febf::a:b"],
  ["fec0::1", "fec0:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b::c000:207"],
  ["64:ff9b::c000:208", "64:ff9b::c000:208"],
  ["64:ff9b:1::1", "64:ff9b:1:0::/64"],
  ["fd00::1", "fd00:0:0:0::/64"],
];

for (const [address, key] of KEYS) {
  test(`the client of ${address} is ${key}`, () => {
    assert.equal(formatClientKey(address), key);
  });
}

test("two subscribers are two clients [2001:db8:1:2::1, 2001:db8:1:3::1]", () => {
  assert.notEqual(formatClientKey("2001:db8:1:2::1"), formatClientKey("2001:db8:1:3::1"));
});

const WIDTHS: readonly [bits: number, key: string][] = [
  [1, "0::/1"],
  [16, "2001::/16"],
  [32, "2001:db8::/32"],
  [48, "2001:db8:1::/48"],
  [52, "2001:db8:1:f000::/52"],
  [56, "2001:db8:1:ff00::/56"],
  [64, "2001:db8:1:ff42::/64"],
  [112, "2001:db8:1:ff42:3:4:5::/112"],
  [120, "2001:db8:1:ff42:3:4:5:600/120"],
  [128, "2001:db8:1:ff42:3:4:5:678/128"],
];

for (const [bits, key] of WIDTHS) {
  test(`with --ipv6-prefix ${bits} the client of 2001:db8:1:ff42:3:4:5:678 is ${key}`, () => {
    assert.equal(formatClientKey("2001:db8:1:ff42:3:4:5:678", bits), key);
    for (const own of ["10.0.0.9", "::1", "fe80::1"]) assert.equal(formatClientKey(own, bits), own);
  });
}
