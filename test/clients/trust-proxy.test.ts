// Who the client is behind a proxy, as the real command decides it from Forwarded and X-Forwarded-For:
// the limit, the log and the dashboard mean the same one, and nobody chooses who it is.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readSnapshot, startAdminWeir } from "../fixtures/admin-weir.ts";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { readJsonLog } from "../fixtures/log-lines.ts";
import { openRawConnection } from "../fixtures/raw-client.ts";
import { fieldValue } from "../fixtures/raw-response.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { makeForgedFields } from "../fuzz/forged-fields.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "../fuzz/random-numbers.ts";

const PROXY = "127.0.0.1";
const STRANGER = "127.0.0.2";

function newSite(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir: newSite(t), args: ["--workers", "2", ...args] });
}

/** Asks once for each, with these field lines, and gives the statuses: `200 200 429`. */
async function statusesOf(client: KeepAliveClient, ...fields: string[]): Promise<string> {
  const statuses: number[] = [];
  for (const lines of fields) {
    statuses.push((await client.ask("/a.txt", { fields: lines })).status);
  }
  return statuses.join(" ");
}

const xForwardedFor = (value: string) => `X-Forwarded-For: ${value}\r\n`;
const forwarded = (value: string) => `Forwarded: ${value}\r\n`;

test("two clients over one connection of a proxy have each their own limit [2/m]", async (t) => {
  const { port } = await serve(t, "--rate", "2/m", "--trust-proxy", PROXY);
  const proxy = await openClient(t, { port });
  const [spammer, polite] = [xForwardedFor("192.0.2.1"), xForwardedFor("192.0.2.2")];
  assert.equal(
    await statusesOf(proxy, spammer, spammer, spammer, polite, spammer, polite, polite),
    "200 200 429 200 429 200 429",
  );
  // By whatever connection, field and spelling they come.
  const another = await openClient(t, { port });
  assert.equal(
    await statusesOf(
      another,
      xForwardedFor("::ffff:192.0.2.1"),
      xForwardedFor("6.6.6.6, 192.0.2.1:4711"),
      forwarded("for=192.0.2.1"),
      forwarded('for="[2001:db8::1]";proto=http, for="192.0.2.1:80"'),
      xForwardedFor("6.6.6.6") + xForwardedFor("192.0.2.1"),
    ),
    "429 429 429 429 429",
  );
  const direct = await openClient(t, { port, localAddress: STRANGER });
  assert.equal(await statusesOf(direct, spammer, spammer, spammer), "200 200 429");
});

test("a spammer behind a proxy does not slow down the polite client behind it [4/s, 3 s]", async (t) => {
  const { port } = await serve(t, "--rate", "4/s", "--trust-proxy", PROXY);
  const proxy = await openClient(t, { port });
  const polite: number[] = [];
  let refusedCount = 0;
  for (const endMs = performance.now() + 3000; performance.now() < endMs; ) {
    const sinceMs = performance.now();
    polite.push((await proxy.ask("/a.txt", { fields: xForwardedFor("192.0.2.2") })).status);
    // Between two requests of the polite one, 300 ms apart, the other asks as often as it can.
    while (performance.now() < sinceMs + 300) {
      const { status } = await proxy.ask("/a.txt", { fields: xForwardedFor("192.0.2.1") });
      if (status === 429) refusedCount++;
    }
  }
  assert.deepEqual(new Set(polite), new Set([200]));
  assert.ok(refusedCount > 100, `${refusedCount} refused`);
});

/** With `--trust-proxy 127.0.0.1,10.0.0.0/8`; the address in the log. */
const READINGS: readonly [fields: string, address: string][] = [
  ["", PROXY],
  [xForwardedFor("192.0.2.1"), "192.0.2.1"],
  [xForwardedFor("6.6.6.6, 192.0.2.1, 10.0.0.2"), "192.0.2.1"],
  [xForwardedFor("10.0.0.3, 10.0.0.2"), "10.0.0.3"],
  [xForwardedFor("192.0.2.1, unknown"), PROXY],
  [xForwardedFor("192.0.2.1, unknown, 10.0.0.2"), "10.0.0.2"],
  [xForwardedFor("192.0.2.1, :80"), PROXY],
  [xForwardedFor(""), PROXY],
  [xForwardedFor("2001:DB8:0::1"), "2001:db8::1"],
  [forwarded("for=192.0.2.1;proto=https"), "192.0.2.1"],
  [forwarded("for=192.0.2.1, for=_hidden"), PROXY],
  [forwarded("for=192.0.2.1") + forwarded("for=10.0.0.2"), "192.0.2.1"],
  [forwarded("for=192.0.2.1") + xForwardedFor("192.0.2.1"), "192.0.2.1"],
  // One of the two is made up, and nobody knows which.
  [forwarded("for=192.0.2.1") + xForwardedFor("192.0.2.2"), PROXY],
  [forwarded("for=_x") + xForwardedFor("192.0.2.2"), PROXY],
];

test(`the log's address is the client's [${READINGS.length} requests over one connection]`, async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const log = ["--log", "json", "--log-file", path];
  const trust = ["--trust-proxy", `${PROXY},10.0.0.0/8`];
  const weir = await serve(t, "--rate", "off", ...trust, ...log);
  const proxy = await openClient(t, { port: weir.port });
  for (const [fields] of READINGS) await proxy.ask("/a.txt", { fields });
  await weir.stop();
  const addresses = readJsonLog(path).lines.map(({ address }) => address);
  assert.deepEqual(
    addresses,
    READINGS.map(([, address]) => address),
  );
});

test("the dashboard names the clients behind a proxy, not the proxy", async (t) => {
  const args = ["--rate", "5/m", "--trust-proxy", PROXY, "--ipv6-prefix", "56"];
  const weir = await startAdminWeir(t, { dir: newSite(t), args });
  const proxy = await openClient(t, { port: weir.port });
  const ipv6 = ["2001:db8:1:ff01::1", "2001:db8:1:ff02::1", "2001:db8:1:ff03::1"];
  await statusesOf(proxy, ...ipv6.map(xForwardedFor), xForwardedFor("192.0.2.1"));
  let names: readonly string[] = [];
  // Told a few times a second; the test ends a wait in vain.
  while (names.length < 2) {
    await sleep(50);
    names = (await readSnapshot(weir)).clients.map(
      ({ client, admitted }) => `${client} ${admitted}`,
    );
  }
  assert.deepEqual(names.toSorted(), ["192.0.2.1 1", "2001:db8:1:ff00::/56 3"]);
});

test("--ipv6-prefix 48: a subscriber is a /48 [3/m]", async (t) => {
  const args = ["--rate", "3/m", "--trust-proxy", PROXY, "--ipv6-prefix", "48"];
  const { port } = await serve(t, ...args);
  const proxy = await openClient(t, { port });
  const addresses = ["2001:db8:1::1", "2001:db8:1:2::1", "2001:db8:1:ffff::", "2001:db8:1::2"];
  assert.equal(await statusesOf(proxy, ...addresses.map(xForwardedFor)), "200 200 200 429");
  assert.equal(await statusesOf(proxy, xForwardedFor("2001:db8:2::1")), "200");
});

test("a proxy that comes by IPv4 to a listener of IPv6 is trusted as IPv4 [--host ::, config file]", async (t) => {
  const cwd = makeTempFolder(t);
  const config = { "trust-proxy": [PROXY, "fd00::/8"], rate: "1/m" };
  writeTree(cwd, { "weir.config.json": JSON.stringify(config) });
  const { port } = await startWeir(t, { dir: newSite(t), cwd, args: ["--host", "::"] });
  const proxy = await openClient(t, { port });
  const [first, second] = [xForwardedFor("192.0.2.1"), xForwardedFor("192.0.2.2")];
  assert.equal(await statusesOf(proxy, first, first, second), "200 429 200");
});

test("from a stranger's address forged fields change nothing, ever [5/h, 10,000 random tries]", async (t) => {
  const seed = chooseSeed(process.env);
  const tryCount = chooseCaseCount(process.env, 10_000);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${tryCount}`);
  const random = new RandomNumbers(seed);
  const path = join(makeTempFolder(t), "a.log");
  const trust = ["--trust-proxy", `${PROXY},10.0.0.0/8,::1`];
  const weir = await serve(t, "--rate", "5/h", ...trust, "--log", "json", "--log-file", path);
  const stranger = await openClient(t, { port: weir.port, localAddress: STRANGER });
  for (let tried = 0; tried < tryCount; tried++) {
    const fields = makeForgedFields(random);
    const { status } = await stranger.ask("/a.txt", { fields });
    assert.equal(status, tried < 5 ? 200 : 429, `try ${tried}: ${JSON.stringify(fields)}`);
  }
  await weir.stop();
  const { lines, droppedLines } = readJsonLog(path);
  assert.equal(lines.length + droppedLines, tryCount);
  assert.deepEqual(new Set(lines.map(({ address }) => address)), new Set([STRANGER]));
});

test("who forges fields behind a proxy has its own limit or the proxy's, no third [2/h, 2000 tries]", async (t) => {
  const seed = chooseSeed(process.env);
  const tryCount = chooseCaseCount(process.env, 2000);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${tryCount}`);
  const random = new RandomNumbers(seed);
  const { port } = await serve(t, "--rate", "2/h", "--trust-proxy", `${PROXY},10.0.0.0/8`);
  const proxy = await openClient(t, { port });
  let admittedCount = 0;
  for (let tried = 0; tried < tryCount; tried++) {
    // The proxy lets pass what it is sent, and adds a line of its own.
    const fields = makeForgedFields(random) + xForwardedFor("192.0.2.1");
    const { status } = await proxy.ask("/a.txt", { fields });
    assert.ok(status === 200 || status === 429, `${status}: ${JSON.stringify(fields)}`);
    if (status === 200) admittedCount++;
  }
  assert.ok(admittedCount >= 2 && admittedCount <= 4, `${admittedCount} admitted`);
});

test("a proxy holds more connections than a client may [--client-connections 2]", async (t) => {
  const args = ["--rate", "off", "--trust-proxy", PROXY, "--client-connections", "2"];
  const { port } = await serve(t, ...args);
  const opened = await Promise.all(Array.from({ length: 20 }, () => openClient(t, { port })));
  for (const client of opened) assert.equal(await statusesOf(client, ""), "200");
  for (let count = 0; count < 2; count++) {
    const stranger = await openClient(t, { port, localAddress: STRANGER });
    assert.equal(await statusesOf(stranger, ""), "200");
  }
  const refused = await openRawConnection({ port, localAddress: STRANGER });
  t.after(() => refused.destroy());
  assert.ok(await refused.waitFor({ kind: "closed" }, ["GET"]));
  assert.match(refused.bytes.toString("latin1"), /^HTTP\/1\.1 503 /);
});

test("--exempt: never 429 and no RateLimit fields, all else as usual [1/h]", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const exempt = ["--exempt", "127.0.0.3,192.0.2.0/24", "--trust-proxy", PROXY];
  const log = ["--log", "json", "--log-file", path, "--workers", "1"];
  const weir = await serve(t, "--rate", "1/h", ...exempt, ...log);
  const { port } = weir;
  const usual = await openClient(t, { port, localAddress: STRANGER });
  const admitted = await usual.ask("/a.txt");
  assert.equal(fieldValue(admitted, "RateLimit-Policy"), '"default";q=1;w=3600');
  const free = await openClient(t, { port, localAddress: "127.0.0.3" });
  const proxy = await openClient(t, { port });
  // More often than a file is kept for: an answer that was kept for others has their fields.
  for (let count = 0; count < 40; count++) {
    const fields = count % 2 === 0 ? "" : xForwardedFor("192.0.2.9");
    const response = await (count % 2 === 0 ? free : proxy).ask("/a.txt", { fields });
    assert.equal(response.status, 200);
    assert.equal(response.body.toString(), "content of a");
    assert.deepEqual(
      [...response.fields.keys()].filter((name) => name.startsWith("ratelimit")),
      [],
    );
    const refused = await usual.ask("/a.txt");
    assert.equal(refused.status, 429);
    assert.notEqual(fieldValue(refused, "RateLimit"), undefined);
  }
  assert.equal(await statusesOf(proxy, xForwardedFor("198.51.100.1")), "200");
  const listing = await free.ask("/?format=json");
  assert.equal(JSON.parse(listing.body.toString()).entries[0].hits, 42);
  await weir.stop();
  const limits = readJsonLog(path).lines.map((line) => `${line.address} ${line.limit}`);
  assert.deepEqual(
    new Set(limits),
    new Set([
      "127.0.0.2 admitted",
      "127.0.0.2 refused",
      "127.0.0.3 none",
      "192.0.2.9 none",
      "198.51.100.1 admitted",
    ]),
  );
});

const USAGE_ERRORS: readonly [args: readonly string[], line: string][] = [
  [
    ["--proxy-protocol"],
    "weir: cannot use --proxy-protocol without --trust-proxy: name the proxies that begin with it\n",
  ],
  [
    ["--trust-proxy", "10.0.0.1/8"],
    'weir: cannot use "10.0.0.1/8" for --trust-proxy: 10.0.0.1/8 has bits behind its prefix: ' +
      "write 10.0.0.0/8 for the block, or 10.0.0.1 for the address\n",
  ],
];

for (const [args, line] of USAGE_ERRORS) {
  test(`wrong usage is told in one line [${args.join(" ")}]`, async (t) => {
    const { code, stdout, stderr } = await runWeir(t, ["serve", makeTempFolder(t), ...args]);
    assert.deepEqual([code, stdout, stderr], [2, "", `${line}see: weir serve --help\n`]);
  });
}
