import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { RequestHead } from "../http/request.ts";
import { hashKey } from "../memory/shared-table.ts";
import { ClientTallies } from "../metrics/client-tallies.ts";
import { Clients, somebodyBehind } from "./clients.ts";

const SECRET = randomBytes(32);
const INSIDE = { address: "10.0.0.0", prefixBits: 8 };

function newClients(ipv6PrefixBits = 64): Clients {
  return new Clients({
    ipv6PrefixBits,
    trustedProxies: [INSIDE, { address: "fd00::", prefixBits: 8 }],
    exempt: [INSIDE, { address: "192.0.2.7", prefixBits: 32 }],
    hashSecret: SECRET,
    tallies: new ClientTallies(),
  });
}

function fieldsOf(forwarded?: string, xForwardedFor?: string): RequestHead["fields"] {
  const fields = new Map() as Map<"forwarded" | "x-forwarded-for", string>;
  if (forwarded !== undefined) fields.set("forwarded", forwarded);
  if (xForwardedFor !== undefined) fields.set("x-forwarded-for", xForwardedFor);
  return fields;
}

test("a client has its name, the key of that name, a tally and its address in one spelling", () => {
  const clients = newClients();
  const client = clients.ofAddress("2001:DB8:0:0::1");
  assert.equal(client.name, "2001:db8:0:0::/64");
  assert.deepEqual(client.key, hashKey(SECRET, client.name));
  assert.equal(client.tally.client, client.name);
  assert.equal(client.address, "2001:db8::1");
  assert.deepEqual([client.isExempt, client.isTrustedProxy], [false, false]);
  const mapped = clients.ofAddress("::ffff:10.0.0.1");
  assert.deepEqual([mapped.name, mapped.address], ["10.0.0.1", "10.0.0.1"]);
  assert.deepEqual([mapped.isExempt, mapped.isTrustedProxy], [true, true]);
  assert.equal(clients.ofAddress("192.0.2.7").isExempt, true);
  assert.equal(clients.ofAddress("10.0.0.1"), clients.ofAddress("10.0.0.1"));
});

/** The client, and whether the limit holds it, of a request from the proxy 10.0.0.1, which is exempt. */
const REQUESTS: readonly [forwarded: string | undefined, other: string | undefined, is: string][] =
  [
    [undefined, undefined, "10.0.0.1 exempt"],
    ["for=192.0.2.1", undefined, "192.0.2.1"],
    [undefined, "192.0.2.1", "192.0.2.1"],
    [undefined, "192.0.2.7", "192.0.2.7 exempt"],
    [undefined, "10.0.0.3, 10.0.0.2", "10.0.0.3 exempt"],
    ["for=192.0.2.1", "192.0.2.1", "192.0.2.1"],
    ["for=192.0.2.1", "6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
    // A client that writes garbage does not become the proxy, which is exempt.
    ["for=192.0.2.1", "192.0.2.2", "10.0.0.1"],
    ["for=10.0.0.9", "192.0.2.1", "10.0.0.1"],
    ["for=_x", undefined, "10.0.0.1"],
    [undefined, "", "10.0.0.1"],
    [undefined, "unknown, 10.0.0.2", "10.0.0.2"],
    ["for=_x, for=10.0.0.2", "10.0.0.2", "10.0.0.2"],
  ];

for (const [forwarded, xForwardedFor, is] of REQUESTS) {
  test(`Forwarded ${forwarded}, X-Forwarded-For ${xForwardedFor}: the client is ${is}`, () => {
    const clients = newClients();
    const proxy = clients.ofAddress("10.0.0.1");
    // The second time it is remembered.
    for (let time = 0; time < 2; time++) {
      const client = clients.ofRequest(proxy, fieldsOf(forwarded, xForwardedFor));
      assert.equal(client.name + (client.isExempt ? " exempt" : ""), is);
    }
  });
}

test("somebody behind an exempt proxy shares its name and key, and is not exempt", () => {
  const proxy = newClients().ofAddress("10.0.0.1");
  const somebody = somebodyBehind(proxy);
  assert.deepEqual(somebody, { ...proxy, isExempt: false });
});

test("the client is right whatever came before it [100,000 texts of up to 16 KiB]", () => {
  const clients = newClients();
  const proxy = clients.ofAddress("10.0.0.1");
  const long = `${"x".repeat(16_000)}, `;
  for (let index = 0; index < 100_000; index++) {
    const address = `192.0.${(index >> 8) & 255}.${index & 255}`;
    const text = index % 10 === 0 ? long + address : address;
    assert.equal(clients.ofRequest(proxy, fieldsOf(undefined, text)).name, address);
  }
});

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
  // These belong to no subscriber's network: neighbours on the link, IPv4 clients behind a translator.
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
    assert.equal(newClients().ofAddress(address).name, key);
  });
}

test("two subscribers are two clients [2001:db8:1:2::1, 2001:db8:1:3::1]", () => {
  const clients = newClients();
  const [one, other] = ["2001:db8:1:2::1", "2001:db8:1:3::1"].map(
    (address) => clients.ofAddress(address).name,
  );
  assert.notEqual(one, other);
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
    const clients = newClients(bits);
    assert.equal(clients.ofAddress("2001:db8:1:ff42:3:4:5:678").name, key);
    for (const own of ["10.0.0.9", "::1", "fe80::1"]) {
      assert.equal(clients.ofAddress(own).name, own);
    }
  });
}
