// Whose a connection is that begins with the PROXY protocol, as the real server decides it; what the
// header may look like is in test/wire/proxy-protocol.md and src/transport/proxy-protocol-header.test.ts.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatRequest } from "../fixtures/keep-alive-client.ts";
import { readJsonLog } from "../fixtures/log-lines.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { binaryHeader, ipv4Payload, ipv6Payload, textHeader } from "../fixtures/proxy-headers.ts";
import { eachByte, openRawConnection, rawExchange } from "../fixtures/raw-client.ts";
import { startServerHere } from "../fixtures/running-server.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const PROXY = "127.0.0.1";
const STRANGER = "127.0.0.2";
const MODE = ["--proxy-protocol", "--trust-proxy", `${PROXY},10.0.0.0/8`];
const TIMEOUT_MS = 60_000;

function newSite(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  return startWeir(t, { dir: newSite(t), args: ["--workers", "2", ...MODE, ...args] });
}

function requests(count: number, fields = ""): Buffer {
  const last = formatRequest("/a.txt", { fields: `${fields}Connection: close\r\n` });
  return Buffer.from(formatRequest("/a.txt", { fields }).repeat(count - 1) + last, "latin1");
}

/** Sends it all over one connection and gives the statuses: `200 200 429`. */
async function statusesOf(
  port: number,
  bytes: Uint8Array | readonly Uint8Array[],
  localAddress = PROXY,
): Promise<string> {
  const { responses, closed } = await rawExchange({
    port,
    localAddress,
    send: bytes,
    methods: Array<string>(20).fill("GET"),
    timeoutMs: TIMEOUT_MS,
  });
  return [...responses.map(({ status }) => status), ...(closed === "end" ? [] : [closed])].join(
    " ",
  );
}

test("the limit is that of the address in the header, in whatever version it comes [3/h]", async (t) => {
  const { port } = await serve(t, "--rate", "3/h");
  const versions = [textHeader("192.0.2.1"), binaryHeader({ payload: ipv4Payload("192.0.2.1") })];
  const mapped = ipv6Payload("00000000000000000000ffffc0000201");
  versions.push(binaryHeader({ family: 0x21, payload: mapped }));
  const statuses: string[] = [];
  for (const header of versions) {
    statuses.push(await statusesOf(port, Buffer.concat([header, requests(2)])));
  }
  assert.deepEqual(statuses, ["200 200", "200 429", "429 429"]);
  const other = Buffer.concat([textHeader("192.0.2.2"), requests(1)]);
  assert.equal(await statusesOf(port, other), "200");
  // The proxy itself, when it looks whether the server is there, and who it does not know.
  const local = binaryHeader({ command: 0x20, family: 0, payload: Buffer.alloc(0) });
  assert.equal(await statusesOf(port, Buffer.concat([local, requests(2)])), "200 200");
  const unknown = Buffer.from("PROXY UNKNOWN\r\n", "latin1");
  assert.equal(await statusesOf(port, Buffer.concat([unknown, requests(2)])), "200 429");
});

for (const acceptKind of ["reuse-port", "hand-over"] as const) {
  test(`a header and two requests, byte by byte and in one piece [${acceptKind}, 2/h]`, async (t) => {
    const typed = { rate: "2/h", workers: "2", "proxy-protocol": "on", "trust-proxy": PROXY };
    const server = await startServerHere(t, newSite(t), typed, { acceptKind });
    const { port } = server.address;
    for (const header of [
      textHeader("192.0.2.1"),
      binaryHeader({ payload: ipv4Payload("192.0.2.2") }),
    ]) {
      const bytes = Buffer.concat([header, requests(2)]);
      const pieces = eachByte(bytes);
      assert.equal(await statusesOf(port, pieces), "200 200");
      assert.equal(await statusesOf(port, bytes), "429 429");
    }
    // The header alone, and the requests when it has been read.
    const connection = await openRawConnection({ port, host: PROXY });
    t.after(() => connection.destroy());
    await connection.send([textHeader("192.0.2.3")]);
    await connection.waitFor({ kind: "quiet", ms: 50 }, []);
    await connection.send([requests(2)]);
    assert.ok(await connection.waitFor({ kind: "closed" }, ["GET", "GET"], TIMEOUT_MS));
    assert.equal(connection.bytes.toString("latin1").match(/HTTP\/1\.1 200/g)?.length, 2);
  });
}

test("a stranger's header is a bad request, and without one it is served as ever [2/h]", async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const weir = await serve(t, "--rate", "2/h", "--log", "json", "--log-file", path);
  const { port } = weir;
  for (const header of [textHeader("192.0.2.1"), binaryHeader()]) {
    const forged = Buffer.concat([header, requests(1)]);
    assert.equal(await statusesOf(port, forged, STRANGER), "400");
  }
  assert.equal(await statusesOf(port, requests(3), STRANGER), "200 200 429");
  assert.equal(await statusesOf(port, requests(1)), "400");
  await weir.stop();
  const lines = readJsonLog(path).lines.map(({ address, status }) => `${address} ${status}`);
  // Two threads write it.
  assert.deepEqual(lines.toSorted(), [
    "127.0.0.1 400",
    "127.0.0.2 200",
    "127.0.0.2 200",
    "127.0.0.2 400",
    "127.0.0.2 400",
    "127.0.0.2 429",
  ]);
});

/** The header, the field lines behind it, and the address in the log. */
const TOGETHER: readonly [header: Buffer, fields: string, address: string][] = [
  // The header's address is the other end of the connection, and no proxy of ours.
  [textHeader("192.0.2.1"), "X-Forwarded-For: 6.6.6.6\r\n", "192.0.2.1"],
  [textHeader("192.0.2.1"), "Forwarded: for=6.6.6.6\r\n", "192.0.2.1"],
  // One of our proxies behind another.
  [textHeader("10.0.0.5"), "X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"],
  [textHeader("10.0.0.5"), "", "10.0.0.5"],
  [binaryHeader({ command: 0x20 }), "X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"],
  // Somebody, who may have written it.
  [Buffer.from("PROXY UNKNOWN\r\n"), "X-Forwarded-For: 6.6.6.6\r\n", PROXY],
  [binaryHeader({ family: 0 }), "Forwarded: for=6.6.6.6\r\n", PROXY],
];

test(`Forwarded is believed of the header's address only if that is trusted [${TOGETHER.length} ways]`, async (t) => {
  const path = join(makeTempFolder(t), "a.log");
  const weir = await serve(t, "--rate", "off", "--log", "json", "--log-file", path);
  for (const [header, fields] of TOGETHER) {
    assert.equal(await statusesOf(weir.port, Buffer.concat([header, requests(1, fields)])), "200");
  }
  await weir.stop();
  // Two threads write it.
  const addresses = readJsonLog(path).lines.map(({ address }) => address);
  assert.deepEqual(addresses.toSorted(), TOGETHER.map(([, , address]) => address).toSorted());
});

test("the quota of connections holds the header's address [--client-connections 1]", async (t) => {
  const { port } = await serve(t, "--rate", "off", "--client-connections", "1");
  const first = await openRawConnection({ port });
  t.after(() => first.destroy());
  await first.send([textHeader("192.0.2.1"), Buffer.from(formatRequest("/a.txt"), "latin1")]);
  assert.ok(await first.waitFor({ kind: "responses", count: 1 }, ["GET"], TIMEOUT_MS));
  const second = Buffer.concat([textHeader("192.0.2.1"), requests(1)]);
  assert.equal(await statusesOf(port, second), "503");
  assert.equal(
    await statusesOf(port, Buffer.concat([textHeader("192.0.2.2"), requests(1)])),
    "200",
  );
  first.destroy();
  await first.waitFor({ kind: "closed" }, ["GET"]);
  let again = "503";
  // The server sees the close a moment later.
  while (again === "503") again = await statusesOf(port, second);
  assert.equal(again, "200");
});

test("a proxy that says nothing holds up no stop, and one that leaves leaves nothing", async (t) => {
  const weir = await serve(t, "--rate", "off");
  const silent = await openRawConnection({ port: weir.port });
  t.after(() => silent.destroy());
  for (const piece of ["", "PROX", "PROXY TCP4 192.0.2.1 198.51.100.1 5"]) {
    const leaving = await openRawConnection({ port: weir.port });
    await leaving.send(piece);
    leaving.socket.end();
    assert.ok(await leaving.waitFor({ kind: "closed" }, [], TIMEOUT_MS));
    assert.equal(leaving.bytes.length, 0);
  }
  await silent.send("PROX");
  const stopping = weir.stop();
  assert.deepEqual(await stopping, { code: 0, signal: null });
  await waitUntil("the silent connection is closed", () => silent.closed !== "open");
  assert.equal(weir.stderr().includes("cut off"), false);
});
