// `weir load` against servers whose answers are not as HTTP/1.1 wants them: what can be read in one way
// only is an answer and is told as odd, what could be read in two ways is an error.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LoadResult } from "../src/load/result.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { startScriptedServer } from "./fixtures/scripted-server.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";

const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const ODD: readonly (readonly [kinds: string, answer: string])[] = [
  ["", good],
  ["", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"],
  ["", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"],
  ["", 'HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: ChUnKeD\r\n\r\n2;a="b"\r\nok\r\n0;x\r\n\r\n'],
  ["", "HTTP/1.1 200 OK\r\nX-A: b  \t\r\nContent-Length:2 \r\n\r\nok"],
  ["status-line", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"],
  ["status-line", "http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
  ["line-end", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
  ["repeated-length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"],
  ["folded-field", "HTTP/1.1 200 OK\r\nX-A: a\r\n  b\r\nContent-Length: 2\r\n\r\nok"],
  ["space-before-colon", "HTTP/1.1 200 OK\r\nX-A : a\r\nContent-Length: 2\r\n\r\nok"],
  ["blank-line", `\r\n${good}`],
  ["blank-line", `${good}\r\n`],
];

for (const [kinds, answer] of ODD) {
  test(`each answer counts, and is odd by [${kinds}] ${JSON.stringify(answer)}`, async (t) => {
    const { port } = await startScriptedServer(t, (socket) => socket.write(answer));
    const url = `http://127.0.0.1:${port}/`;
    for (const more of [[], ["--pipelining", "4"]]) {
      const args = ["load", url, "-n", "20", "-c", "1", "--json", "-", ...more];
      const run = await runWeir(t, args);
      const result: LoadResult = JSON.parse(run.stdout);
      const { admitted, failuresByReason, oddAnswers } = result;
      assert.deepEqual([admitted, failuresByReason], [20, {}]);
      assert.deepEqual(Object.keys(oddAnswers.byKind).join(), kinds);
      // An empty line behind the last answer may come when all is done.
      const leastCount = kinds === "blank-line" ? 19 : kinds === "" ? 0 : 20;
      const isTold = oddAnswers.count >= leastCount && oddAnswers.count <= 20;
      assert.ok(isTold, `${oddAnswers.count} are told as odd`);
      assert.equal(/^Odd answers: \d+$/m.test(run.stderr), kinds !== "");
    }
  });
}

for (const answer of [
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nX-A: b\n\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\n0\n\n",
  "\r\n\r\n\r\n\r\n\r\n\r\n",
]) {
  test(`what could be read in two ways is an error ${JSON.stringify(answer)}`, async (t) => {
    const { port } = await startScriptedServer(t, (socket) => socket.write(answer));
    const url = `http://127.0.0.1:${port}/`;
    const run = await runWeir(t, ["load", url, "-n", "4", "-c", "1", "--json", "-"]);
    const { failuresByReason, admitted }: LoadResult = JSON.parse(run.stdout);
    assert.deepEqual([admitted, failuresByReason.garbage?.count], [0, 4]);
    assert.equal(run.code, 1);
  });
}

test("the lines, the page and --fail-if tell odd answers too", async (t) => {
  const { port } = await startScriptedServer(t, (socket) => socket.end("HTTP/1.0 200\n\nhello"));
  const page = join(makeTempFolder(t), "page.html");
  const args = ["127.0.0.1", String(port), "/", "3", "--report", page, "--fail-if", "odd>2"];
  const run = await runWeir(t, ["load", ...args]);
  assert.match(run.stdout, /^Total requests: 3\nSuccessful: 3\nFailed: 0\n/);
  assert.match(
    run.stdout,
    /\nOdd answers: 3\n {2}status-line: 3 \(.*\)\n {2}line-end: 3 \(.*\)\n$/,
  );
  assert.match(run.stderr, /^weir: missed odd>2: it was 3\n$/);
  assert.equal(run.code, 99);
  assert.match(readFileSync(page, "utf8"), /<section id="odd-answers".*status-line/s);
});
