// How the server starts, or says why it cannot, and what it writes on its outputs: the ready line for
// scripts, one line for each fault, the access log in its formats.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestOnce } from "../fixtures/one-request.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const SERVE = ["--state", "memory", "--log", "off"];

/** A start that fails: exit code 1 and one line, which begins like this. */
async function assertNoStart(t: TestContext, args: readonly string[], line: RegExp): Promise<void> {
  const run = await runWeir(t, ["serve", makeTempFolder(t), ...SERVE, ...args]);
  assert.match(run.stderr, line);
  assert.match(run.stderr, /^[^\n]+\n$/, "one line");
  assert.equal(run.stdout, "");
  assert.equal(run.code, 1);
}

test("a port that is in use is told in one line, with the next one to try", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const args = ["--host", "127.0.0.1", "--port", String(port)];
  await assertNoStart(t, args, new RegExp(`^weir: cannot listen on port "${port}": .*--port \\d+`));
});

test("a second weir does not share the port of the first unnoticed", async (t) => {
  const { port } = await startWeir(t, { dir: makeTempFolder(t) });
  const args = ["--host", "127.0.0.1", "--port", String(port)];
  await assertNoStart(t, args, new RegExp(`^weir: cannot listen on port "${port}": `));
});

test("a host that is not of this machine is told in one line [192.0.2.1]", async (t) => {
  const args = ["--host", "192.0.2.1", "--port", "0"];
  await assertNoStart(t, args, /^weir: cannot listen on host "192\.0\.2\.1": .*not an address/);
});

test("a host without an address is told in one line [absent.invalid]", async (t) => {
  const args = ["--host", "absent.invalid", "--port", "0"];
  await assertNoStart(t, args, /^weir: cannot listen on host "absent\.invalid": .*no such name/);
});

test("a port for administrators is told in one line [80]", async (t) => {
  if (process.getuid?.() === 0 || process.platform !== "linux") {
    t.skip("only on Linux, and not as root");
    return;
  }
  const args = ["--host", "127.0.0.1", "--port", "80"];
  await assertNoStart(t, args, /^weir: cannot listen on port "80": .*below 1024/);
});

test("the ready line is one line with the folder's real path, the real port, threads and limit", async (t) => {
  const dir = join(makeTempFolder(t), "a b (c) \u00fc");
  mkdirSync(dir);
  for (const [args, facts] of [
    [["--workers", "1"], "1 thread, 5/s per client"],
    [["--workers", "3", "--rate", "100/m"], "3 threads, 100/m per client"],
  ] as const) {
    const weir = await startWeir(t, { dir, args });
    const line = `weir: serving ${dir} on http://127.0.0.1:${weir.port} (${facts})\n`;
    assert.equal(weir.stderr(), line);
    assert.equal(weir.stdout(), "");
    assert.equal((await requestOnce(weir.port, "/")).status, 200);
  }
});

test("--host ::1 is shown in brackets, and answers", async (t) => {
  const isThere = createServer().listen(0, "::1");
  const [outcome] = await Promise.race([
    once(isThere, "listening").then(() => ["listening"]),
    once(isThere, "error").then(() => ["error"]),
  ]);
  isThere.close();
  if (outcome === "error") return t.skip("this machine has no IPv6");
  const weir = await startWeir(t, { dir: makeTempFolder(t), args: ["--host", "::1"] });
  assert.equal(weir.url, `http://[::1]:${weir.port}`);
  const send = "GET / HTTP/1.0\r\n\r\n";
  const { responses } = await rawExchange({ port: weir.port, host: "::1", send });
  assert.equal(responses[0]?.status, 200);
});

/** Requests, and for each its target, status and body's bytes as the log must tell them. */
async function makeLoggedRequests(weir: WeirProcess): Promise<void> {
  const fields = { Referer: 'http://a.test/"x', "User-Agent": "agent (\xe4; \\)\ttab" };
  await requestOnce(weir.port, "/a.txt?b=%22", { fields });
  await requestOnce(weir.port, "/absent", { method: "HEAD" });
  await rawExchange({ port: weir.port, send: "not a request\r\n\r\n" });
}

async function startLogged(t: TestContext, format: string): Promise<string[]> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "0123456789" });
  const args = ["--log", format, "--rate", "off", "--workers", "1"];
  const weir = await startWeir(t, { dir, args });
  await makeLoggedRequests(weir);
  const lines = () => weir.stdout().split("\n").slice(0, -1);
  await waitUntil("three lines in the log", () => lines().length >= 3);
  await weir.stop();
  return lines();
}

const COMBINED =
  /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "((?:[^"\\]|\\x..)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\x..)*)" "((?:[^"\\]|\\x..)*)"$/;

test("--log combined writes one line a request that a parser of that format reads", async (t) => {
  const lines = await startLogged(t, "combined");
  const parsed = lines.map((line) => COMBINED.exec(line)?.slice(1));
  assert.deepEqual(parsed[0], [
    "GET /a.txt?b=%22 HTTP/1.1",
    "200",
    "10",
    "http://a.test/\\x22x",
    "agent (\\xe4; \\x5c)\\x09tab",
  ]);
  assert.deepEqual(parsed[1], ["HEAD /absent HTTP/1.1", "404", "-", "-", "-"]);
  assert.equal(parsed[2]?.[0], "-");
  assert.equal(parsed[2]?.[1], "400");
  assert.equal(lines.length, 3);
});

test("--log json writes one JSON object a line", async (t) => {
  const [first, second, third, ...others] = (await startLogged(t, "json")).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  assert.equal(others.length, 0);
  const { time, duration_ms, ...facts } = first ?? {};
  assert.deepEqual(facts, {
    address: "127.0.0.1",
    method: "GET",
    target: "/a.txt?b=%22",
    status: 200,
    bytes: 10,
    limit: "none",
    limit_remaining: null,
    complete: true,
    thread: 1,
    referer: 'http://a.test/"x',
    user_agent: "agent (\xe4; \\)\ttab",
  });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(typeof duration_ms === "number" && duration_ms >= 0);
  assert.deepEqual([second?.method, second?.status, second?.bytes], ["HEAD", 404, 0]);
  assert.deepEqual([third?.method, third?.target, third?.status], [null, null, 400]);
});

test("--log off writes nothing, and pretty tells method, target and status", async (t) => {
  const [line] = await startLogged(t, "pretty");
  assert.match(line ?? "", /^\d\d:\d\d:\d\d {2}200 {2}GET \/a\.txt\?b=%22 {2}10 B {2}/);
  const silent = await startWeir(t, { dir: makeTempFolder(t), args: ["--log", "off"] });
  await makeLoggedRequests(silent);
  await silent.stop();
  assert.equal(silent.stdout(), "");
});
