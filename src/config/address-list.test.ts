import assert from "node:assert/strict";
import { test } from "node:test";
import { addressCountMax, parseAddressList } from "./address-list.ts";

const accepted: [string, string[]][] = [
  ["127.0.0.1", ["127.0.0.1"]],
  ["127.0.0.1, ::1", ["127.0.0.1", "::1"]],
  ["127.0.0.254-127.0.1.1", ["127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"]],
  ["10.0.0.1-10.0.0.1", ["10.0.0.1"]],
  ["255.255.255.254-255.255.255.255", ["255.255.255.254", "255.255.255.255"]],
  ["127.0.0.1,127.0.0.1-127.0.0.2", ["127.0.0.1", "127.0.0.2"]],
];

const refused: [string, RegExp][] = [
  ["", /^give IP addresses separated by commas/],
  ["localhost", /^give IP addresses/],
  ["127.0.0.1,", /^give IP addresses/],
  ["127.0.0.1-20", /^give IP addresses/],
  ["::1-::5", /^give IP addresses/],
  ["127.0.0.1-127.0.0.2-127.0.0.3", /^give IP addresses/],
  ["127.0.0.9-127.0.0.1", /lower address first: 127.0.0.1-127.0.0.9$/],
  ["0.0.0.0-255.255.255.255", new RegExp(`at most ${addressCountMax}`)],
  ["127.0.0.0-127.0.9.0,127.1.0.0-127.1.9.0", new RegExp(`at most ${addressCountMax}`)],
];

for (const [text, addresses] of accepted) {
  test(`parseAddressList takes ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseAddressList(text), addresses);
  });
}

for (const [text, why] of refused) {
  test(`parseAddressList refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseAddressList(text), { name: "UsageError", message: why });
  });
}
