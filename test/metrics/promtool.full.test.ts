// Prometheus's own reader has nothing to say about the text of /metrics.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { startAdminWeir } from "../fixtures/admin-weir.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";

function checkWithPromtool(promtool: string, input: string): string {
  const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input });
  return `exit ${status}: ${stdout}${stderr}`;
}

test("promtool finds nothing to say about /metrics, before and after requests", async (t) => {
  const promtool = requireProgram(t, "promtool", "prometheus");
  if (promtool === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startAdminWeir(t, { dir, args: ["--workers", "3"] });
  for (let round = 0; round < 2; round++) {
    const answer = await fetch(`${weir.adminUrl}/metrics`);
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(checkWithPromtool(promtool, await answer.text()), "exit 0: ");
    for (let asked = 0; asked < 8; asked++) await requestOnce(weir.port, "/a.txt");
  }
});
