// Prints what a stranger's costly requests cost a refused and an admitted one, as ratios to a short
// request: `node test/cost/main.ts [COUNT]`. By hand only: on a busy machine the numbers wander.

import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import {
  COSTLY_REQUESTS,
  type CostlyRequest,
  SHORT_REQUEST,
  UNREAD_REQUEST,
} from "./costly-requests.ts";
import { measureRequestCpu } from "./request-cpu.ts";

const count = Number(process.argv[2] ?? 300);
const root = realpathSync(mkdtempSync(join(tmpdir(), "weir-cost-")));
const endings: (() => unknown)[] = [() => removeFolder(root)];
const t = { after: (end: () => unknown) => void endings.unshift(end) };

async function printRatios(title: string, weir: WeirProcess): Promise<void> {
  const { cpuUs: firstUs } = await measureRequestCpu(weir, SHORT_REQUEST, 2000);
  const short = await measureRequestCpu(weir, SHORT_REQUEST, 2000);
  console.log(
    `\n${title}: a short one is ${short.status} and takes ${short.cpuUs.toFixed(0)} µs (${firstUs.toFixed(0)} while it warms up)`,
  );
  const requests: readonly CostlyRequest[] = [UNREAD_REQUEST, ...COSTLY_REQUESTS];
  for (const request of requests) {
    await measureRequestCpu(weir, request, Math.ceil(count / 3));
    const { cpuUs, status } = await measureRequestCpu(weir, request, count);
    console.log(`${(cpuUs / short.cpuUs).toFixed(2).padStart(8)}  ${status}  ${request.name}`);
  }
}

try {
  writeFileSync(join(root, "a.txt"), "a");
  const common = [
    "--workers",
    "1",
    "--state",
    "memory",
    "--log",
    "combined",
    "--log-file",
    join(root, "log"),
  ];
  const args = [...common, "--trust-proxy", "127.0.0.0/8"];
  await printRatios(
    "refused, behind a trusted proxy",
    await startWeir(t, { dir: root, args: [...args, "--rate", "1/h"] }),
  );
  await printRatios(
    "admitted: a listing",
    await startWeir(t, { dir: root, args: [...args, "--rate", "off"] }),
  );
} finally {
  for (const end of endings) await end();
}
