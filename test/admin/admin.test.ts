// The admin interface as those meet it who come for it: probes, programs, and web pages that have no
// business there. The numbers that it tells are the matter of metrics.test.ts.

import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AdminWeir, readSnapshot, startAdminWeir } from "../fixtures/admin-weir.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { openRawConnection, rawExchange } from "../fixtures/raw-client.ts";
import { fieldValue, type RawResponse } from "../fixtures/raw-response.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

async function serve(t: TestContext, args: readonly string[] = []): Promise<AdminWeir> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  return startAdminWeir(t, { dir, args });
}

/** @param lines whole field lines without their ends; a Host of the interface's own by default */
async function ask(
  { adminPort }: AdminWeir,
  requestLine: string,
  lines: readonly string[] = [`Host: 127.0.0.1:${adminPort}`],
): Promise<RawResponse> {
  const send = `${[requestLine, ...lines, "Connection: close"].join("\r\n")}\r\n\r\n`;
  const [method = ""] = requestLine.split(" ");
  const { responses } = await rawExchange({ port: adminPort, send, methods: [method] });
  assert.equal(responses.length, 1, requestLine);
  return responses[0]!;
}

function isOneLine(text: string): boolean {
  return /^[^\n]+\n$/.test(text);
}

const STRICT_POLICY =
  /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/;

test("every path answers, with the strict policy, and nothing of it is kept or framed", async (t) => {
  const weir = await serve(t);
  const paths: [string, RegExp][] = [
    ["/livez", /^ok\n$/],
    ["/readyz", /^ok\n$/],
    ["/metrics", /^# HELP weir_/],
    ["/api/snapshot", /^\{"timeMs":\d+,"state":"serving"/],
    ["/api/snapshot?x=1", /^\{"timeMs":\d+,"state":"serving"/],
  ];
  for (const [path, expected] of paths) {
    const response = await ask(weir, `GET ${path} HTTP/1.1`);
    assert.equal(response.status, 200, path);
    assert.match(response.body.toString(), expected);
    assert.match(fieldValue(response, "content-security-policy") ?? "", STRICT_POLICY);
    assert.equal(fieldValue(response, "cache-control"), "no-store");
    assert.equal(fieldValue(response, "cross-origin-resource-policy"), "same-origin");
    assert.equal(fieldValue(response, "x-content-type-options"), "nosniff");
    const head = await ask(weir, `HEAD ${path} HTTP/1.1`);
    assert.deepEqual([head.status, head.body.length], [200, 0], path);
  }
  assert.equal((await ask(weir, "HEAD /api/events HTTP/1.1")).status, 200);
});

const REFUSED: readonly [requestLine: string, status: number, lines: readonly string[]][] = [
  ["POST /api/snapshot HTTP/1.1", 405, ["Host: localhost"]],
  ["DELETE / HTTP/1.1", 405, ["Host: localhost"]],
  ["OPTIONS /api/snapshot HTTP/1.1", 405, ["Host: localhost"]],
  ["GET /absent HTTP/1.1", 404, ["Host: localhost"]],
  ["GET /main.test.ts HTTP/1.1", 404, ["Host: localhost"]],
  ["GET /../package.json HTTP/1.1", 404, ["Host: localhost"]],
  ["GET /%2e%2e/package.json HTTP/1.1", 404, ["Host: localhost"]],
  ["GET //metrics HTTP/1.1", 404, ["Host: localhost"]],
  ["GET /api/snapshot HTTP/1.1", 421, ["Host: evil.example"]],
  ["GET /metrics HTTP/1.1", 421, ["Host: evil.example:8002"]],
  ["GET /livez HTTP/1.1", 421, ["Host: evil.example"]],
  ["GET /metrics HTTP/1.0", 421, []],
  ["GET /metrics HTTP/1.1", 400, []],
  ["GET /metrics HTTP/1.1", 400, ["Host: localhost", "Host: evil.example"]],
  ["GET /api/events HTTP/1.1", 403, ["Host: localhost", "Sec-Fetch-Site: cross-site"]],
  ["GET /api/events HTTP/1.1", 403, ["Host: localhost", "Origin: http://evil.example"]],
  ["GET / HTTP/1.1", 403, ["Host: localhost", "Sec-Fetch-Site: same-site"]],
  ["GET /metrics HTTP/1.1", 400, ["Host: localhost", "Content-Length: 5"]],
  [`GET /${"x".repeat(9000)} HTTP/1.1`, 414, ["Host: localhost"]],
  ["nonsense", 400, ["Host: localhost"]],
];

test("what is not for it gets its status and one line [methods, hosts, sites, paths, heads]", async (t) => {
  const weir = await serve(t);
  for (const [requestLine, status, lines] of REFUSED) {
    const response = await ask(weir, requestLine, lines);
    const shown = `${requestLine.slice(0, 60)} ${lines.join(", ")}`;
    assert.equal(response.status, status, shown);
    assert.ok(isOneLine(response.body.toString()), shown);
    assert.equal(fieldValue(response, "content-type"), "text/plain; charset=utf-8");
    assert.doesNotMatch(response.body.toString(), /evil|at .*\.ts/);
  }
  const { totals } = await readSnapshot(weir);
  assert.equal(totals.requests, 0, "the public counts are of the public listener");
});

test("with a token everything but the probes asks for it, also for the same token less one letter", async (t) => {
  const token = "0123456789abcdef0123456789abcdef";
  const file = join(makeTempFolder(t), "token");
  writeFileSync(file, `${token}\n`);
  const weir = await serve(t, ["--admin-token-file", file]);
  const host = `Host: 127.0.0.1:${weir.adminPort}`;
  for (const path of ["/", "/metrics", "/api/snapshot", "/api/events", "/absent"]) {
    for (const given of [[], [`Authorization: Bearer ${token.slice(1)}`]]) {
      const response = await ask(weir, `GET ${path} HTTP/1.1`, [host, ...given]);
      assert.equal(response.status, 401, path);
      assert.match(fieldValue(response, "www-authenticate") ?? "", /^Basic realm=/);
      assert.ok(isOneLine(response.body.toString()));
      assert.ok(!response.body.includes(token));
    }
  }
  for (const path of ["/livez", "/readyz"]) {
    assert.equal((await ask(weir, `GET ${path} HTTP/1.1`, [host])).status, 200);
  }
  const basic = Buffer.from(`prometheus:${token}`).toString("base64");
  for (const given of [`Bearer ${token}`, `Basic ${basic}`]) {
    const lines = [host, `Authorization: ${given}`];
    assert.equal((await ask(weir, "GET /metrics HTTP/1.1", lines)).status, 200);
  }
  assert.doesNotMatch(weir.stderr() + weir.stdout(), new RegExp(token));
});

test("an address that others reach is refused without a token, and answers with one", async (t) => {
  const dir = makeTempFolder(t);
  const port = await findFreePort();
  const refused = await runWeir(t, ["serve", dir, "--port", "0", "--admin", `0.0.0.0:${port}`]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^weir: cannot open the admin interface on "0\.0\.0\.0:\d+": [^\n]+--admin-token-file[^\n]*\n/,
  );
  const own = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
  const file = join(dir, "token");
  writeFileSync(file, "s3cret");
  const args = ["--admin", `0.0.0.0:${port}`, "--admin-token-file", file];
  await startWeir(t, { dir, args });
  for (const host of ["127.0.0.1", ...(own === undefined ? [] : [own])]) {
    const answer = await fetch(`http://${host}:${port}/api/snapshot`, {
      headers: { Authorization: "Bearer s3cret" },
    });
    assert.equal(answer.status, 200, host);
    assert.equal((await fetch(`http://${host}:${port}/api/snapshot`)).status, 401, host);
  }
});

const MISTAKES: readonly [args: readonly string[], code: number, line: RegExp][] = [
  [["--admin", "8002"], 2, /^weir: cannot use "8002" for --admin: give HOST:PORT/],
  [["--admin", "127.0.0.1:99999"], 2, /for --admin: give a number from 0 to 65535/],
  [["--admin-token-file", "/absent"], 2, /cannot use --admin-token-file "\/absent" alone/],
  [
    ["--admin", "127.0.0.1:0", "--admin-token-file", "/absent"],
    1,
    /cannot use the token in "\/absent": there is no such file/,
  ],
  [["--admin", "127.9.9.9:1", "--admin-token-file", "/"], 1, /it is a folder/],
];

test("a mistake in the flags is told in one line, and nothing is left running", async (t) => {
  const dir = makeTempFolder(t);
  for (const [args, code, line] of MISTAKES) {
    const end = await runWeir(t, ["serve", dir, "--port", "0", "--state", "memory", ...args]);
    assert.equal(end.code, code, args.join(" "));
    assert.match(end.stderr, line);
    assert.ok(end.stderr.split("\n").length <= 3, end.stderr);
    assert.equal(end.stdout, "");
  }
});

test("a port that is taken is told with another to choose [--admin 127.0.0.1:PORT twice]", async (t) => {
  const weir = await serve(t);
  const args = ["--port", "0", "--state", "memory", "--admin", `127.0.0.1:${weir.adminPort}`];
  const end = await runWeir(t, ["serve", makeTempFolder(t), ...args]);
  assert.equal(end.code, 1);
  assert.match(
    end.stderr,
    new RegExp(
      `^weir: cannot listen on port "${weir.adminPort}": it is already in use.* \\(from --admin; port (\\d+) is free: add --admin 127\\.0\\.0\\.1:\\1; .*\\)\\n$`,
    ),
  );
});

test("while it is drained the server lives and is not ready; then everything ends", async (t) => {
  const weir = await serve(t, ["--rate", "off", "--workers", "1"]);
  truncateSync(join(weir.stderr().match(/serving (\S+)/)?.[1] ?? "", "a.txt"), 64 * 1024 ** 2);
  const reader = await openRawConnection({ port: weir.port });
  t.after(() => reader.destroy());
  await reader.send("GET /a.txt HTTP/1.1\r\nHost: weir.test\r\n\r\n");
  reader.socket.once("data", () => reader.socket.pause());
  await waitUntil("the answer has begun", () => reader.bytes.length > 0);
  // A dashboard is open all the while: it must not hold up the end.
  const events = await openRawConnection({ port: weir.adminPort });
  t.after(() => events.destroy());
  await events.send(`GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await waitUntil("there are events", () => events.bytes.includes("event: snapshot"));
  weir.child.kill("SIGTERM");
  await waitUntil("it is told", () => events.bytes.includes('"state":"draining"'));
  const ready = await ask(weir, "GET /readyz HTTP/1.1");
  assert.deepEqual([ready.status, ready.body.toString()], [503, "draining\n"]);
  assert.equal((await ask(weir, "GET /livez HTTP/1.1")).status, 200);
  reader.socket.resume();
  reader.end();
  assert.equal((await weir.ended).code, 0);
  assert.notEqual(events.closed, "open");
});

test("without --admin nothing listens, and nothing is said [--admin off, none]", async (t) => {
  const dir = makeTempFolder(t);
  for (const args of [[], ["--admin", "off"]]) {
    const weir = await startWeir(t, { dir, args });
    assert.equal(weir.stderr().split("\n").length, 2);
    assert.equal((await weir.stop()).code, 0);
  }
});
