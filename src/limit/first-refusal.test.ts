import assert from "node:assert/strict";
import { test } from "node:test";
import { createRefusalNotice, formatFirstRefusal } from "./first-refusal.ts";

/** The client, and what frees it. */
const CLIENTS: readonly (readonly [client: string, word: string])[] = [
  ["127.0.0.1", "local"],
  ["127.0.0.9", "local"],
  ["::1", "local"],
  ["10.1.2.3", "private"],
  ["192.168.1.7", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.1", "172.32.0.1"],
  ["fe80::1", "private"],
  ["fd00:0:0:0::/64", "private"],
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2::/64", "2001:db8:1:2::/64"],
];

for (const [client, word] of CLIENTS) {
  test(`the first refusal of ${client} names it, the limit, and --exempt ${word}`, () => {
    assert.equal(
      formatFirstRefusal("5/s", { client, isForwarded: false }),
      `${client} has reached the limit of 5/s and gets 429; later refusals are only in the log` +
        ` (change the limit with --rate, or free this client with --exempt ${word})`,
    );
  });
}

test("of a request that was passed on it names --trust-proxy, since all visitors come that way", () => {
  const line = (client: string) => formatFirstRefusal("5/s", { client, isForwarded: true });
  assert.match(line("127.0.0.1"), /passes requests on .* name it with --trust-proxy local\)$/);
  assert.match(line("10.0.0.5"), /name it with --trust-proxy 10\.0\.0\.5\)$/);
  assert.doesNotMatch(line("10.0.0.5"), /--exempt/);
});

test("it is told once, whoever is refused later", () => {
  const told: string[] = [];
  const note = createRefusalNotice("5/s", (line) => told.push(line));
  for (const client of ["192.0.2.1", "192.0.2.1", "192.0.2.2"])
    note({ client, isForwarded: false });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^192\.0\.2\.1 has reached/);
});
