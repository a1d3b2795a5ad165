import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../test/fixtures/request-head.ts";
import type { FieldName } from "../http/request.ts";
import { type AdminAccess, decideAccess } from "./access.ts";

const OPEN: AdminAccess = { host: "127.0.0.1", token: undefined };
const LOCKED: AdminAccess = { host: "stats.example", token: "correct-horse" };

type Fields = Partial<Record<FieldName, string>>;

function decide(
  access: AdminAccess,
  fields: Fields,
  localAddress = "127.0.0.1",
  needsToken = true,
): string {
  const decision = decideAccess(access, makeHead(fields).fields, localAddress, needsToken);
  return decision.kind === "allowed" ? "allowed" : String(decision.status);
}

const HOSTS: readonly [host: string, localAddress: string, decision: string][] = [
  ["127.0.0.1:8002", "127.0.0.1", "allowed"],
  ["127.0.0.1", "127.0.0.1", "allowed"],
  ["localhost:8002", "127.0.0.1", "allowed"],
  ["LOCALHOST", "::1", "allowed"],
  ["[::1]:8002", "::1", "allowed"],
  ["[0:0:0:0:0:0:0:1]:8002", "::1", "allowed"],
  ["127.0.0.1:8002", "::ffff:127.0.0.1", "allowed"],
  // Through a tunnel, or out of a container.
  ["localhost:9999", "127.0.0.1", "allowed"],
  ["10.0.0.7:8002", "10.0.0.7", "allowed"],
  ["evil.example", "127.0.0.1", "421"],
  ["evil.example:8002", "127.0.0.1", "421"],
  ["localhost.evil.example", "127.0.0.1", "421"],
  ["evil.localhost", "127.0.0.1", "421"],
  ["127.0.0.1.evil.example", "127.0.0.1", "421"],
  ["127.0.0.2", "127.0.0.1", "421"],
  ["0.0.0.0:8002", "127.0.0.1", "421"],
  ["2130706433", "127.0.0.1", "421"],
  ["0x7f.1", "127.0.0.1", "421"],
  ["10.0.0.7", "127.0.0.1", "421"],
  ["", "127.0.0.1", "421"],
];

for (const [host, localAddress, decision] of HOSTS) {
  test(`Host "${host}" on a connection to ${localAddress}: ${decision}`, () => {
    assert.equal(decide(OPEN, { host }, localAddress), decision);
  });
}

test("a request without a Host field is refused", () => {
  assert.equal(decide(OPEN, {}), "421");
});

test("the name that was given is a host, whatever its case [stats.example]", () => {
  const authorization = "Bearer correct-horse";
  assert.equal(decide(LOCKED, { host: "Stats.Example:80", authorization }, "10.0.0.1"), "allowed");
  assert.equal(decide(LOCKED, { host: "other.example", authorization }, "10.0.0.1"), "421");
});

const SITES: readonly [fields: Fields, decision: string][] = [
  [{ "sec-fetch-site": "same-origin" }, "allowed"],
  [{ "sec-fetch-site": "none" }, "allowed"],
  [{ "sec-fetch-site": "cross-site" }, "403"],
  [{ "sec-fetch-site": "same-site" }, "403"],
  [{ "sec-fetch-site": "" }, "403"],
  [{ origin: "http://localhost:8002" }, "allowed"],
  [{ origin: "http://localhost:8001" }, "403"],
  [{ origin: "https://localhost:8002" }, "403"],
  [{ origin: "https://evil.example" }, "403"],
  [{ origin: "null" }, "403"],
];

for (const [fields, decision] of SITES) {
  test(`to localhost:8002 with ${JSON.stringify(fields)}: ${decision}`, () => {
    assert.equal(decide(OPEN, { host: "localhost:8002", ...fields }), decision);
  });
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

const TOKENS: readonly [authorization: string | undefined, decision: string][] = [
  ["Bearer correct-horse", "allowed"],
  ["bearer correct-horse", "allowed"],
  [basic("anyone:correct-horse"), "allowed"],
  [basic(":correct-horse"), "allowed"],
  [undefined, "401"],
  ["", "401"],
  ["Bearer", "401"],
  ["Bearer ", "401"],
  ["Bearer correct-hors", "401"],
  ["Bearer correct-horse2", "401"],
  ["Bearer Correct-Horse", "401"],
  ["Bearer wrong, Bearer correct-horse", "401"],
  ["correct-horse", "401"],
  ["Digest correct-horse", "401"],
  [basic("correct-horse:"), "401"],
  [basic("anyone:wrong"), "401"],
  ["Basic !!!", "401"],
];

for (const [authorization, decision] of TOKENS) {
  test(`Authorization ${JSON.stringify(authorization)}: ${decision}`, () => {
    const fields = {
      host: "stats.example",
      ...(authorization === undefined ? {} : { authorization }),
    };
    assert.equal(decide(LOCKED, fields), decision);
  });
}

test("what needs no token is told without one, and still not to other hosts or sites", () => {
  const host = "stats.example";
  assert.equal(decide(LOCKED, { host }, "10.0.0.1", false), "allowed");
  assert.equal(decide(LOCKED, { host: "evil.example" }, "10.0.0.1", false), "421");
  assert.equal(decide(LOCKED, { host, "sec-fetch-site": "cross-site" }, "10.0.0.1", false), "403");
});
