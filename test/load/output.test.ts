// What `weir load` writes beside its text: CSV, the HTML page, and the comparison of two URLs. The
// live view on a terminal is in terminal.full.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { runWeir } from "../fixtures/run-weir.ts";
import { formatAnswer, startScriptedServer } from "../fixtures/scripted-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

const answerOk = (socket: Socket) => {
  socket.write(formatAnswer(200, "hello"));
};

test("--csv has a line for each second, and --report one page that needs no network", async (t) => {
  const dir = makeTempFolder(t);
  const { port } = await startScriptedServer(t, answerOk);
  const files = ["--csv", join(dir, "a.csv"), "--report", join(dir, "a.html")];
  const args = ["load", `http://127.0.0.1:${port}/`, "--rate", "50/s", "-d", "1200ms", ...files];
  const { stdout, stderr, code } = await runWeir(t, args);
  assert.deepEqual([stderr, code], ["", 0]);
  assert.match(stdout, /^ {2}admitted +60 /m);
  const lines = readFileSync(join(dir, "a.csv"), "utf8").trimEnd().split(/\r?\n/);
  assert.ok(lines.length >= 3, lines.join("\n"));
  const page = readFileSync(join(dir, "a.html"), "utf8");
  assert.match(page, /^<!doctype html>/i);
  assert.doesNotMatch(page, /(src|href)="?https?:/);
});

test("--compare loads two URLs in turn, prints what it found and saves both", async (t) => {
  const order: string[] = [];
  const noted = (name: string) => (socket: Socket) => {
    order.push(name);
    answerOk(socket);
  };
  const [a, b] = [
    await startScriptedServer(t, noted("A")),
    await startScriptedServer(t, noted("B")),
  ];
  const urls = [a, b].map(({ port }) => `http://127.0.0.1:${port}/`);
  const file = join(makeTempFolder(t), "pair.json");
  const args = ["load", "--compare", ...urls, "--rounds", "3", "-n", "4", "--json", file];
  const { stdout, stderr, code } = await runWeir(t, args);
  assert.deepEqual([stderr, code], ["", 0]);
  assert.equal(order.join(""), "AAAABBBB".repeat(3));
  assert.match(stdout, /^round 1 of A: .*\nround 1 of B: .*\nround 2 of A: /);
  for (const url of urls) assert.ok(stdout.includes(url), stdout);
  const saved = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(
    [saved.schema, saved.a.rounds.length, saved.b.rounds.length, saved.b.rounds[2].plan.urls],
    ["weir-load-pair/1", 3, 3, [urls[1]]],
  );
});
