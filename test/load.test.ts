// `weir load` from outside: the real command against servers that behave, misbehave and are not
// there. What it prints, writes and exits with; nothing here is decided by a timing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { LoadResult } from "../src/load/result.ts";
import { findFreePort } from "./fixtures/free-port.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { formatAnswer, startScriptedServer } from "./fixtures/scripted-server.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";

const answerOk = (socket: Socket) => {
  socket.write(formatAnswer(200, "hello"));
};

/** The first five get 200, all others 429, as a limit of 5/s does with a burst. */
const answerFive = (socket: Socket, requestIndex: number) => {
  socket.write(requestIndex < 5 ? formatAnswer(200, "hello") : formatAnswer(429, "slow down"));
};

const time = String.raw`\d+\.\d\d`;

function parseJson(text: string): LoadResult {
  return JSON.parse(text);
}

test("HOST PORT PATH 200 through a limit prints the ancestor's lines and exits 0", async (t) => {
  const { port, requestHeads } = await startScriptedServer(t, answerFive);
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/page one.html", "200"]);
  const lines = [
    "Total requests: 200",
    "Successful: 5",
    "Failed: 195",
    `Total time: ${time} s`,
    `Successful req/sec: ${time}`,
    "Failures by status:",
    "  429: 195",
    "",
  ];
  assert.match(run.stdout, new RegExp(`^${lines.join("\n")}$`));
  assert.equal(run.stderr, "");
  assert.equal(run.code, 0);
  assert.match(requestHeads[0]!, /^GET \/page%20one\.html HTTP\/1\.1\r\n/);
});

test("HOST PORT PATH 40 has all 40 on their way before the first is answered", async (t) => {
  const waiting: Socket[] = [];
  const server = await startScriptedServer(t, (socket) => {
    waiting.push(socket);
    if (waiting.length === 40) waiting.forEach(answerOk);
  });
  const run = await runWeir(t, ["load", "127.0.0.1", String(server.port), "x", "40"]);
  assert.match(run.stdout, /^Total requests: 40\nSuccessful: 40\nFailed: 0\n/);
  assert.doesNotMatch(run.stdout, /Failures/);
  assert.equal(server.connectionCount(), 40);
});

test("HOST PORT PATH 300 says that at most 250 are open at once", async (t) => {
  const { port } = await startScriptedServer(t, answerOk);
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/", "300"]);
  assert.equal(run.stderr, "weir: at most 250 of the 300 requests are open at once\n");
  assert.match(run.stdout, /^Total requests: 300\nSuccessful: 300\n/);
});

test("a DELAY of 0.02 starts all 5 although none is answered before the last", async (t) => {
  const waiting: Socket[] = [];
  const { port } = await startScriptedServer(t, (socket) => {
    waiting.push(socket);
    if (waiting.length === 5) waiting.forEach(answerOk);
  });
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/", "5", "0.02"]);
  assert.match(run.stdout, /^Total requests: 5\nSuccessful: 5\n/);
  const seconds = Number(/Total time: (\S+) s/.exec(run.stdout)![1]);
  assert.ok(seconds >= 0.08, `5 requests 0.02 s apart took ${seconds} s`);
});

test("failures without a status are listed by their reason", async (t) => {
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex === 0) answerOk(socket);
    else if (requestIndex === 1) socket.end("garbage\r\n\r\n");
    else if (requestIndex === 2) socket.end();
    else if (requestIndex === 3) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    else if (requestIndex === 4) socket.resetAndDestroy();
    else socket.write(formatAnswer(404, ""));
  });
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/", "8"]);
  assert.match(run.stdout, /^Total requests: 8\nSuccessful: 1\nFailed: 7\n/);
  assert.match(run.stdout, /\nFailures by status:\n {2}404: 3\n/);
  for (const reason of ["garbage", "closed-early", "wrong-length", "reset"]) {
    assert.match(run.stdout, new RegExp(`^ {2}${reason}: 1$`, "m"));
  }
  assert.equal(run.code, 0);
});

test("a server that never answers gives timed-out, one line why, and exit 1", async (t) => {
  const { port } = await startScriptedServer(t, () => {});
  const args = ["load", "127.0.0.1", String(port), "/", "3", "--timeout", "100ms"];
  const run = await runWeir(t, args);
  assert.match(run.stdout, /\nFailures by status:\n {2}timed-out: 3\n$/);
  assert.match(run.stderr, /^weir: no request to ".*" got an answer: .* within 100 ms\n$/);
  assert.equal(run.code, 1);
});

test("a port where nothing listens exits 1 with one line that says so", async (t) => {
  const port = await findFreePort();
  const run = await runWeir(t, ["load", `http://127.0.0.1:${port}/`, "-n", "3"]);
  assert.match(run.stdout, /^ {2}refused: 3 \(nothing listens there\)$/m);
  assert.match(
    run.stderr,
    /^weir: no request to .* got an answer: nothing listens on 127\.0\.0\.1:\d+\n$/,
  );
  assert.equal(run.code, 1);
});

test("an unknown host (weir.invalid) exits 1 with one line", async (t) => {
  const run = await runWeir(t, ["load", "weir.invalid", "80", "/", "2"]);
  assert.match(run.stdout, /\n {2}host-unknown: 2\n$/);
  assert.match(run.stderr, /^weir: no request to "http:\/\/weir\.invalid\/" got an answer: .*\n$/);
  assert.equal(run.code, 1);
});

test("a URL with -n 50 -c 2 uses at most 2 connections and prints the summary", async (t) => {
  const server = await startScriptedServer(t, answerFive);
  const url = `http://127.0.0.1:${server.port}/a?b#c`;
  const run = await runWeir(t, ["load", url, "-n", "50", "-c", "2"]);
  assert.ok(server.connectionCount() <= 2, `${server.connectionCount()} connections`);
  assert.equal(server.requestHeads.length, 50);
  assert.match(server.requestHeads[0]!, /^GET \/a\?b HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  for (const line of [
    /^GET http:\/\/127\.0\.0\.1:\d+\/a\?b$/m,
    /^50 requests, 2 connections$/m,
    /^ {2}admitted +5 +\d+\.\d\d\/s {2}2xx, 3xx$/m,
    /^ {2}refused +45 +\d+\.\d\d\/s {2}429/m,
    /^ {2}errors +0 /m,
    /^ {2}429 +45$/m,
    /^ {2}admitted( +\d+\.\d\d){6}$/m,
  ]) {
    assert.match(run.stdout, line);
  }
  assert.equal(run.stderr, "");
  assert.equal(run.code, 0);
});

test("a server that closes after each answer is loaded all the same", async (t) => {
  const { port } = await startScriptedServer(t, (socket) => {
    socket.end(formatAnswer(200, "x", ["Connection: close"]));
  });
  const run = await runWeir(t, ["load", `http://127.0.0.1:${port}/`, "-n", "30", "-c", "3"]);
  assert.match(run.stdout, /^ {2}admitted +30 /m);
});

test("--json - puts JSON alone on stdout and the text on stderr", async (t) => {
  const { port } = await startScriptedServer(t, answerFive);
  const url = `http://127.0.0.1:${port}/`;
  const run = await runWeir(t, ["load", url, "-n", "20", "-c", "1", "--json", "-"]);
  const result = parseJson(run.stdout);
  assert.equal(result.schema, "weir-load/1");
  assert.deepEqual([result.total, result.admitted, result.refused, result.failed], [20, 5, 15, 0]);
  assert.deepEqual(result.byStatus, { 200: 5, 429: 15 });
  assert.deepEqual(result.plan.urls, [url]);
  assert.equal(result.latencyMs.all?.count, 20);
  assert.match(run.stderr, /^Requests$/m);
});

test("--json FILE writes the result of the positional form, and its lines stay", async (t) => {
  const file = join(makeTempFolder(t), "result.json");
  const { port } = await startScriptedServer(t, answerFive);
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/", "10", "--json", file]);
  assert.match(run.stdout, /^Total requests: 10\n/);
  const result = parseJson(readFileSync(file, "utf8"));
  assert.deepEqual([result.admitted, result.refused], [5, 5]);
});

test("--json into a folder that is not there is refused before anything is sent", async (t) => {
  const file = join(makeTempFolder(t), "no", "result.json");
  const server = await startScriptedServer(t, answerOk);
  const run = await runWeir(t, ["load", `http://127.0.0.1:${server.port}/`, "--json", file]);
  assert.match(
    run.stderr,
    /^weir: cannot write the result to ".*result\.json": there is no folder ".*no"\n$/,
  );
  assert.equal(run.code, 1);
  assert.equal(server.connectionCount(), 0);
});

test("--source 127.0.0.1-127.0.0.4 sends from four addresses in turn", {
  skip: process.platform !== "linux" && "only Linux has all of 127.0.0.0/8",
}, async (t) => {
  const seen: string[] = [];
  const { port } = await startScriptedServer(t, (socket) => {
    seen.push(socket.remoteAddress!);
    answerOk(socket);
  });
  const source = ["--source", "127.0.0.1-127.0.0.4"];
  const spread = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"];
  await runWeir(t, ["load", "127.0.0.1", String(port), "/", "8", ...source]);
  assert.deepEqual(
    seen.sort(),
    spread.flatMap((address) => [address, address]),
  );
  const url = `http://127.0.0.1:${port}/`;
  const run = await runWeir(t, ["load", url, "-n", "8", "-c", "2", ...source, "--json", "-"]);
  assert.match(run.stderr, /^weir: opening 4 connections, one for each --source address$/m);
  const { sources } = parseJson(run.stdout);
  assert.deepEqual(
    sources.map(({ address }) => address),
    spread,
  );
  assert.equal(
    sources.reduce((sum, { admitted }) => sum + admitted, 0),
    8,
  );
  assert.ok(sources.every(({ admitted }) => admitted > 0));
});

test("Ctrl-C prints the summary of what was done and exits 130", async (t) => {
  const { promise: sixthCame, resolve } = Promise.withResolvers<void>();
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex < 5) answerOk(socket);
    else resolve();
  });
  const url = `http://127.0.0.1:${port}/`;
  const args = ["load", url, "-n", "100", "-c", "1"];
  const run = await runWeir(t, args, { interruptAfter: sixthCame });
  assert.match(run.stdout, /^Stopped early: 5 of 100 requests are done\.$/m);
  assert.match(run.stdout, /^ {2}admitted +5 /m);
  assert.equal(run.code, 130);
});

for (const [args, line] of [
  [["not a url"], 'cannot use "not a url" for URL: give a URL such as http://localhost:8001/'],
  [
    ["ftp://localhost/"],
    'cannot use "ftp://localhost/" for URL: give a URL that begins with http://',
  ],
  [[], "no server to load: give URL, or HOST PORT PATH COUNT [DELAY]"],
  [["a", "1", "/"], 'cannot load "a" "1" "/": give URL, or HOST PORT PATH COUNT [DELAY]'],
  [["a", "0", "/", "1"], 'cannot use "0" for PORT: give a whole number from 1 to 65535'],
  [["a", "http", "/", "1"], 'cannot use "http" for PORT: give a whole number from 1 to 65535'],
  [["a", "1", "/", "0"], 'cannot use "0" for COUNT: give a whole number from 1 to 1000000'],
  [["a", "1", "/", "1", "x"], 'cannot use "x" for DELAY: give seconds such as 0.25'],
  [["http://a/", "-n", "0"], 'cannot use "0" for -n: give a whole number from 1'],
  [
    ["http://a/", "--timeout", "0"],
    'cannot use "0" for --timeout: give a duration of at least 1ms',
  ],
  [
    ["http://a/", "--source", "300.1.1.1"],
    'cannot use "300.1.1.1" for --source: give IP addresses',
  ],
] as const) {
  test(`wrong usage exits 2 with a line that says what is allowed (${args.join(" ")})`, async (t) => {
    const run = await runWeir(t, ["load", ...args]);
    assert.ok(run.stderr.startsWith(`weir: ${line}`), run.stderr);
    assert.ok(run.stderr.trimEnd().split("\n").length <= 2, run.stderr);
    assert.equal(run.stdout, "");
    assert.equal(run.code, 2);
  });
}

test("a source that this machine does not have (203.0.113.9) is named, with a remedy", async (t) => {
  const server = await startScriptedServer(t, answerOk);
  const url = `http://127.0.0.1:${server.port}/`;
  const run = await runWeir(t, ["load", url, "--source", "127.0.0.1,203.0.113.9"]);
  assert.match(
    run.stderr,
    /^weir: cannot send from "203\.0\.113\.9": it is not an address of this machine; give an address that it has.*\n$/,
  );
  assert.equal(run.code, 1);
  assert.equal(server.connectionCount(), 0);
});
