// `weir load` from outside, in its many manners: the open model, times, several URLs, headers,
// conditions, rounds, trouble. What is counted is what the server saw; no timing decides.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { LoadResult } from "../src/load/result.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { formatAnswer, startScriptedServer } from "./fixtures/scripted-server.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { startWeir, WEIR_BIN } from "./fixtures/weir-process.ts";

const answerOk = (socket: Socket) => {
  socket.write(formatAnswer(200, "hello"));
};

async function loadJson(
  t: Parameters<typeof runWeir>[0],
  args: readonly string[],
): Promise<LoadResult> {
  const run = await runWeir(t, ["load", ...args, "--json", "-"]);
  assert.notEqual(run.stdout, "", run.stderr);
  return JSON.parse(run.stdout) as LoadResult;
}

test("a server that stalls for 1 s shows in the p99 of an open run", async (t) => {
  let stalled: Socket[] | undefined;
  let isOver = false;
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    if (requestIndex === 50) {
      stalled = [];
      setTimeout(() => {
        isOver = true;
        stalled?.forEach(answerOk);
      }, 1000);
    }
    if (stalled === undefined || isOver) answerOk(socket);
    else stalled.push(socket);
  });
  const url = `http://127.0.0.1:${port}/`;
  const result = await loadJson(t, [url, "--rate", "100/s", "-n", "200", "-c", "1"]);
  assert.equal(result.admitted, 200);
  // A hundred requests were due in the stall; over one connection only one was sent in it.
  assert.ok(result.latencyFromDueMs!.all!.p99 >= 950, `${result.latencyFromDueMs!.all!.p99} ms`);
  assert.ok(result.latencyMs.all!.max >= 990);
  assert.ok(result.latencyMs.all!.p99 < result.latencyFromDueMs!.all!.p99);
  assert.ok(result.late >= 80, `${result.late} late`);
});

test("--rate in stages sends what is due in each, over two threads", async (t) => {
  const server = await startScriptedServer(t, answerOk);
  const url = `http://127.0.0.1:${server.port}/`;
  const result = await loadJson(t, [url, "--rate", "200ms@50/s,200ms@100/s", "-t", "2"]);
  assert.equal(result.total + result.neverSent, 30);
  assert.equal(server.requestHeads.length, result.total);
  assert.deepEqual(result.plan.model, {
    kind: "open",
    stages: [
      { durationMs: 200, ratePerSecond: 50 },
      { durationMs: 200, ratePerSecond: 100 },
    ],
  });
});

test("-d 300ms counts just what the server saw, with -n as another bound", async (t) => {
  const server = await startScriptedServer(t, answerOk);
  const url = `http://127.0.0.1:${server.port}/`;
  const timed = await loadJson(t, [url, "-d", "300ms", "-c", "3"]);
  assert.ok(timed.total > 0 && timed.durationMs >= 300);
  assert.equal(server.requestHeads.length, timed.total + timed.abandoned);
  const both = await loadJson(t, [url, "-d", "1h", "-n", "7"]);
  assert.deepEqual([both.total, both.interrupted], [7, false]);
});

test("--urls takes the URLs of a file in turn, and headers and HEAD go with them", async (t) => {
  const server = await startScriptedServer(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const file = join(makeTempFolder(t), "urls");
  writeFileSync(file, `# two pages\n${origin}/a\n\n${origin}/b?c\n`);
  const args = ["--urls", file, "-n", "6", "--head", "-H", "X-A: b", "-c", "1"];
  const result = await loadJson(t, args);
  assert.deepEqual(
    server.requestHeads.map((head) => head.split("\r\n")[0]),
    [1, 2, 3].flatMap(() => ["HEAD /a HTTP/1.1", "HEAD /b?c HTTP/1.1"]),
  );
  assert.ok(server.requestHeads.every((head) => head.endsWith("\r\nX-A: b")));
  assert.deepEqual(result.plan.urls, [`${origin}/a`, `${origin}/b?c`]);
});

test("--no-keep-alive takes a connection for each request", async (t) => {
  const server = await startScriptedServer(t, answerOk);
  const url = `http://127.0.0.1:${server.port}/`;
  await loadJson(t, [url, "--no-keep-alive", "-n", "12", "-c", "3"]);
  assert.equal(server.connectionCount(), 12);
});

test("--fail-if exits 99 with a line for each condition that is so", async (t) => {
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    socket.write(formatAnswer(requestIndex < 5 ? 500 : 200, "x"));
  });
  const args = ["load", `http://127.0.0.1:${port}/`, "-n", "20"];
  const missed = await runWeir(t, [...args, "--fail-if", "errors>20%,status:500>4,refused>0"]);
  assert.equal(
    missed.stderr,
    "weir: missed errors>20%: it was 25.00%\nweir: missed status:500>4: it was 5\n",
  );
  assert.equal(missed.code, 99);
  const met = await runWeir(t, [...args, "--fail-if", "errors>20%,max>1m"]);
  assert.deepEqual([met.stderr, met.code], ["", 0]);
});

test("--check finds a body that is not like the others, and exits 1", async (t) => {
  const { port } = await startScriptedServer(t, (socket, requestIndex) => {
    socket.write(formatAnswer(200, requestIndex === 13 ? "hallo" : "hello"));
  });
  const run = await runWeir(t, ["load", `http://127.0.0.1:${port}/`, "-n", "20", "--check"]);
  assert.equal(run.stderr, "weir: the answers to one URL had 2 different bodies\n");
  assert.equal(run.code, 1);
});

test("--rounds 3 prints a line a round and saves all three", async (t) => {
  const file = join(makeTempFolder(t), "rounds.json");
  const server = await startScriptedServer(t, answerOk);
  const url = `http://127.0.0.1:${server.port}/`;
  const run = await runWeir(t, ["load", url, "-n", "5", "--rounds", "3", "--json", file]);
  assert.match(
    run.stdout,
    /^(round [123]: \d+\.\d\d\/s, p50 \d+\.\d\d ms, p99 \d+\.\d\d ms\n){3}$/,
  );
  const saved = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(saved.schema, "weir-load-rounds/1");
  assert.deepEqual(
    saved.rounds.map(({ schema, total }: LoadResult) => [schema, total]),
    Array(3).fill(["weir-load/1", 5]),
  );
  assert.equal(server.requestHeads.length, 15);
});

test("--polite through weir's own limit of 5/s comes to its end without a refusal", async (t) => {
  const dir = makeTempFolder(t);
  writeFileSync(join(dir, "a.txt"), "hello");
  const weir = await startWeir(t, { dir, args: ["--rate", "5/s"] });
  const result = await loadJson(t, [`${weir.url}/a.txt`, "-n", "12", "--polite"]);
  assert.deepEqual([result.admitted, result.refused, result.failed], [12, 0, 0]);
  assert.match(result.limit!.policy!, /q=5;w=1/);
});

test("what weir's refusals tell is true: who waits as told is admitted", async (t) => {
  const dir = makeTempFolder(t);
  writeFileSync(join(dir, "a.txt"), "hello");
  const weir = await startWeir(t, { dir, args: ["--rate", "5/s"] });
  const args = [`${weir.url}/a.txt`, "--rate", "20/s", "-d", "3s", "-c", "1"];
  const { refused, limit } = await loadJson(t, args);
  assert.ok(refused > 0);
  assert.equal(limit!.told, refused);
  assert.equal(limit!.broken, 0);
  assert.ok(limit!.kept > 0);
});

test("too few descriptors (ulimit -n 40) are named, with the remedy, and the run ends", {
  skip: process.platform === "win32" && "there is no ulimit",
}, async (t) => {
  const { port } = await startScriptedServer(t, answerOk);
  const command = ["load", `http://127.0.0.1:${port}/`, "-n", "300", "-c", "100"];
  const script = 'ulimit -n 40 && exec "$0" "$@"';
  const child = spawn("/bin/sh", ["-c", script, process.execPath, WEIR_BIN, ...command]);
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  await once(child, "close");
  assert.match(stdout, /no-descriptors: \d+ /);
  assert.match(stdout, /this process has too many open files; use fewer connections, or raise/);
  assert.match(stdout, /^ {2}total +300 /m);
});

for (const [args, line] of [
  [["--rate", "500/x"], 'cannot use "500/x" for --rate: give a rate such as 500/s'],
  [["--rate", "5/s", "--delay", "1s"], "cannot use --delay here: --rate is a schedule already"],
  [["--no-keep-alive", "--pipelining", "2"], "cannot use --pipelining here: it needs kept"],
  [["--head", "--check"], "cannot use --check here: HEAD brings no bodies"],
  [["-d", "0"], 'cannot use "0" for -d: give a duration of at least 1ms'],
  [["-t", "0"], 'cannot use "0" for -t: give a whole number from 1 to 256'],
  [["-H", "Content-Length: 5"], 'cannot use "Content-Length: 5" for -H: leave Content-Length out'],
  [["--fail-if", "p99>5"], 'cannot use "p99>5" for --fail-if: give a duration'],
  [["--source", "10.0.0.0/8"], 'cannot use "10.0.0.0/8" for --source: give a network of /20'],
  [["--compare"], 'cannot compare "http://a/": give two URLs'],
  [["--rounds", "2", "--report", "x.html"], "cannot use --report here: it holds a single run"],
  [["http://b/"], 'cannot load "http://a/" "http://b/": give URL, or HOST PORT PATH COUNT'],
] as const) {
  test(`wrong usage exits 2 and says what is allowed (${args.join(" ")})`, async (t) => {
    const run = await runWeir(t, ["load", "http://a/", ...args]);
    assert.ok(run.stderr.startsWith(`weir: ${line}`), run.stderr);
    assert.deepEqual([run.stdout, run.code], ["", 2]);
  });
}

for (const [name, text, line] of [
  ["another server", "http://a/\nhttp://b/\n", 'cannot load "http://b/" as well: give URLs of one'],
  ["no URL", "# nothing\n", "cannot use "],
  ["a line that is none", "http://a/\nnonsense\n", 'cannot use "nonsense" for line 2 of '],
] as const) {
  test(`a file of --urls with ${name} is refused with a line`, async (t) => {
    const file = join(makeTempFolder(t), "urls");
    writeFileSync(file, text);
    const run = await runWeir(t, ["load", "--urls", file]);
    assert.ok(run.stderr.startsWith(`weir: ${line}`), run.stderr);
    assert.equal(run.code, 2);
  });
}
