// What strangers can make a request cost: the longest fields and targets, filled with what some part of
// weir reads. What is measured is the server's CPU time and not how long it took, against that of a short
// request on the same server, and a bound ten times as high decides.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { HAS_PROC } from "../fixtures/process-facts.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { COSTLY_REQUESTS, type CostlyRequest, SHORT_REQUEST } from "./costly-requests.ts";
import { measureRequestCpu } from "./request-cpu.ts";

/** The bytes alone cost twice as much as a short head; what was quadratic or escaped them all, 40 times. */
const RATIO_MAX = 10;
const REQUESTS = 40;
const TRIES = 3;

/** Of several tries the least: what else the machine did is in the others. */
async function leastCpuUs(weir: WeirProcess, request: CostlyRequest): Promise<number> {
  let leastUs = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < TRIES; tried++) {
    const { cpuUs } = await measureRequestCpu(weir, request, REQUESTS);
    leastUs = Math.min(leastUs, cpuUs);
  }
  return leastUs;
}

const SERVERS: readonly (readonly [what: string, args: readonly string[]])[] = [
  ["refused, with a combined log", ["--rate", "1/h", "--log", "combined"]],
  ["refused, with a JSON log", ["--rate", "1/h", "--log", "json"]],
];

for (const [what, args] of SERVERS) {
  test(`the longest requests cost at most ${RATIO_MAX} times a short one (${what}, behind a trusted proxy)`, {
    skip: !HAS_PROC,
  }, async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "site/a.txt": "a" });
    const log = ["--log-file", join(dir, "log")];
    const proxied = ["--trust-proxy", "127.0.0.0/8", "--workers", "1"];
    const weir = await startWeir(t, {
      dir: join(dir, "site"),
      args: [...args, ...log, ...proxied],
    });
    await measureRequestCpu(weir, SHORT_REQUEST, 500);
    const shortUs = await leastCpuUs(weir, SHORT_REQUEST);
    const tooCostly: string[] = [];
    for (const request of COSTLY_REQUESTS) {
      const ratio = (await leastCpuUs(weir, request)) / shortUs;
      if (ratio > RATIO_MAX) tooCostly.push(`${request.name}: ${ratio.toFixed(1)} times`);
    }
    assert.deepEqual(tooCostly, []);
  });
}
