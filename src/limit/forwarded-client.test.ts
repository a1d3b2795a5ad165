import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIpAddress } from "../base/ip-address.ts";
import { readForwardedHop, readXForwardedForHop } from "../http/forwarded-field.ts";
import { AddressSet } from "./address-set.ts";
import { findForwardedClient, HOPS_MAX } from "./forwarded-client.ts";

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
