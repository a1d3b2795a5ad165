import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import {
  listProcessTree,
  parseKilobytes,
  parseSchedstatNs,
  parseStat,
  readCpuNs,
  readMemoryBytes,
} from "../../bench/process-tree.ts";
import { HAS_PROC } from "../fixtures/process-facts.ts";

const skip = HAS_PROC ? false : "needs /proc";

test("parseStat finds its fields behind a name with spaces and parentheses", () => {
  const text = "42 (a) b (c)) S 7 42 42 0 -1 4194304 1 0 0 0 150 25 0 0 20 0 1 0 100 0 0\n";
  assert.deepEqual(parseStat(text), { parentPid: 7, cpuNs: 1_750_000_000 });
});

test("parseSchedstatNs takes the first number, parseKilobytes the named line", () => {
  assert.equal(parseSchedstatNs("40148708 16776266 117\n"), 40_148_708);
  assert.equal(parseKilobytes("Rss:  9 kB\nPss:     12 kB\nPss_Anon: 3 kB\n", "Pss"), 12 * 1024);
  assert.equal(parseKilobytes("", "Pss"), 0);
});

test("the CPU time of a grandchild counts, as does its memory", { skip }, async (t) => {
  // A shell that starts a shell that works and then waits for its input to end.
  const work = "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo done; read line";
  const child = spawn("/bin/sh", ["-c", `/bin/sh -c '${work}'; true`]);
  t.after(() => child.stdin.end());
  await once(child.stdout, "data");
  const pid = child.pid as number;
  const tree = listProcessTree(pid);
  assert.equal(tree.length, 2);
  assert.equal(tree[0], pid);
  const grandchildNs = readCpuNs(tree[1]!);
  assert.ok(grandchildNs > 1_000_000, String(grandchildNs));
  assert.ok(readCpuNs(pid) > grandchildNs);
  assert.ok(readMemoryBytes(pid) > readMemoryBytes(tree[1]!));
});
