import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoadSources } from "./load-sources.ts";

test("addresses, ranges and networks stand beside each other, each address once", () => {
  assert.deepEqual(parseLoadSources("127.0.0.9,::1,127.0.0.1-127.0.0.2, 127.0.0.1/31"), [
    "127.0.0.9",
    "::1",
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.0",
  ]);
});

test("a network is all its addresses, whichever of them names it", () => {
  assert.deepEqual(parseLoadSources("192.168.1.5/30"), parseLoadSources("192.168.1.4/30"));
  assert.equal(parseLoadSources("127.0.16.0/20").length, 4096);
  assert.deepEqual(parseLoadSources("255.255.255.255/32"), ["255.255.255.255"]);
});

for (const [text, allowed] of [
  ["127.0.0.0/8", /give a network of \/20 to \/32/],
  ["127.0.0.0/33", /give a network as 127/],
  ["127.0.0.0/x", /give a network as 127/],
  ["127.0.0.0/", /give a network as 127/],
  ["127.0.0/24", /give a network as 127/],
  ["::1/128", /give a network as 127/],
  ["127.0.0.0/28/1", /give a network as 127/],
  ["300.1.1.1", /give IP addresses separated by commas/],
] as const) {
  test(`what is no source is refused (${text})`, () => {
    assert.throws(() => parseLoadSources(text), { name: "UsageError", message: allowed });
  });
}
