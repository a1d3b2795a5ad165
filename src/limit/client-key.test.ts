import assert from "node:assert/strict";
import { test } from "node:test";
import { formatClientKey } from "./client-key.ts";

const KEYS: readonly [address: string, key: string][] = [
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:127.0.0.1", "127.0.0.1"],
  ["::FFFF:10.0.0.9", "10.0.0.9"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["2001:db8::1:0:0:0:5", "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
];

for (const [address, key] of KEYS) {
  test(`the client of ${address} is ${key}`, () => {
    assert.equal(formatClientKey(address), key);
  });
}

test("two subscribers are two clients [2001:db8:1:2::1, 2001:db8:1:3::1]", () => {
  assert.notEqual(formatClientKey("2001:db8:1:2::1"), formatClientKey("2001:db8:1:3::1"));
});
