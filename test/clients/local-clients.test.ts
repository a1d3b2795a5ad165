// Clients of this machine, which come as 127.0.0.1 or as ::1: who they are for the limit, the log and the
// dashboard, and how both are freed from the limit.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { startAdminWeir } from "../fixtures/admin-weir.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const HAS_IPV6 = Object.values(networkInterfaces()).some((entries) =>
  entries?.some(({ address }) => address === "::1"),
);
const REQUEST = "GET /a.txt HTTP/1.1\r\nHost: weir.test\r\nConnection: close\r\n\r\n";
const EVERYWHERE = ["--host", "::", "--workers", "1", "--rate", "1/h"];

async function statusesFrom(weir: WeirProcess, host: string, times = 2): Promise<string> {
  const statuses: number[] = [];
  for (let asked = 0; asked < times; asked++) {
    const { responses } = await rawExchange({ port: weir.port, host, send: REQUEST });
    statuses.push(responses[0]?.status ?? 0);
  }
  return statuses.join(" ");
}

test("::1 is a client of its own in the limit, the log and the dashboard", {
  skip: !HAS_IPV6,
}, async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startAdminWeir(t, { dir, args: [...EVERYWHERE, "--log", "common"] });
  assert.equal(await statusesFrom(weir, "127.0.0.1"), "200 429");
  assert.equal(await statusesFrom(weir, "::1"), "200 429");
  // The same machine by an IPv4-mapped address.
  assert.equal(await statusesFrom(weir, "::ffff:127.0.0.1"), "429 429");
  const lines = () => weir.stdout().match(/^\S+(?= - - )/gm) ?? [];
  await waitUntil("the log has six lines", () => lines().length === 6);
  assert.deepEqual(lines(), ["127.0.0.1", "127.0.0.1", "::1", "::1", "127.0.0.1", "127.0.0.1"]);
  let names: string[] = [];
  while (names.length < 2) {
    const response = await fetch(`${weir.adminUrl}/api/snapshot`);
    const { clients } = (await response.json()) as { clients: { client: string }[] };
    names = clients.map(({ client }) => client);
  }
  assert.deepEqual(names.sort(), ["127.0.0.1", "::1"]);
});

/** `--exempt`, and what two requests of each get. */
const EXEMPT: readonly (readonly [exempt: string, ipv4: string, ipv6: string])[] = [
  ["local", "200 200", "200 200"],
  ["localhost,private", "200 200", "200 200"],
  ["127.0.0.1", "200 200", "200 429"],
  ["::1", "200 429", "200 200"],
  ["private", "200 429", "200 429"],
];

for (const [exempt, ipv4, ipv6] of EXEMPT) {
  test(`--exempt ${exempt}: 127.0.0.1 gets ${ipv4}, ::1 gets ${ipv6}`, {
    skip: !HAS_IPV6,
  }, async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "a" });
    const weir = await startWeir(t, { dir, args: [...EVERYWHERE, "--exempt", exempt] });
    assert.equal(await statusesFrom(weir, "127.0.0.1"), ipv4);
    assert.equal(await statusesFrom(weir, "::1"), ipv6);
  });
}

test("--trust-proxy local believes a proxy on this machine by either address", {
  skip: !HAS_IPV6,
}, async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startWeir(t, { dir, args: [...EVERYWHERE, "--trust-proxy", "local"] });
  const send = REQUEST.replace("Host:", "X-Forwarded-For: 192.0.2.7\r\nHost:");
  const statuses: number[] = [];
  for (const host of ["127.0.0.1", "::1"]) {
    statuses.push((await rawExchange({ port: weir.port, host, send })).responses[0]?.status ?? 0);
  }
  assert.deepEqual(statuses, [200, 429]);
});

test("--trust-proxy private is refused, and it is said why", async (t) => {
  await assert.rejects(
    startWeir(t, { dir: ".", args: ["--trust-proxy", "private"] }),
    /weir: cannot use "private" for --trust-proxy: name the proxies themselves, .* claim to be anyone/,
  );
});
