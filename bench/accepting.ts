// Who should accept connections: each thread by itself, or the main thread for all? Runs both ways in
// turn under the same load and compares the server's CPU time for one request, on kept connections and
// on new ones. The load is wrk's (Debian: wrk); a wrong answer ends the run.
//
//   node bench/accepting.ts [ROUNDS]

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const KINDS = ["reuse-port", "hand-over"] as const;
const LOADS = [
  { name: "kept connections", fields: [] },
  { name: "new connections", fields: ["-H", "Connection: close"] },
] as const;
const SECONDS = 3;
const CONNECTIONS = 64;
const TICKS_A_SECOND = 100;

const rounds = Number(process.argv[2] ?? 5);
const dir = mkdtempSync(join(tmpdir(), "weir-bench-"));
writeFileSync(join(dir, "1k.bin"), Buffer.alloc(1024, "x"));
try {
  await measureAll();
} finally {
  rmSync(dir, { recursive: true });
}

async function measureAll(): Promise<void> {
  for (const load of LOADS) {
    const cpuUs: Record<string, number[]> = { "reuse-port": [], "hand-over": [] };
    // In turn, so that both meet the same drift of the machine.
    for (let round = 0; round < rounds; round++) {
      for (const kind of KINDS) cpuUs[kind]?.push(await measure(kind, load.fields));
    }
    const [shared = 0, handed = 0] = KINDS.map((kind) => median(cpuUs[kind] ?? []));
    const row = KINDS.map((kind) => `${kind} ${format(cpuUs[kind] ?? [])}`).join("   ");
    console.log(`${load.name}: ${row}   ratio ${(handed / shared).toFixed(2)}`);
  }
}

/** CPU time of the whole server for one request, in microseconds. */
async function measure(kind: string, fields: readonly string[]): Promise<number> {
  const main = fileURLToPath(new URL("./accept-server-main.ts", import.meta.url));
  const server = spawn(process.execPath, [main, dir, kind], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const url = `http://127.0.0.1:${String(line).trim()}/1k.bin`;
  try {
    runWrk(url, fields, 1);
    const before = readCpuTicks(server);
    const requests = runWrk(url, fields, SECONDS);
    return ((readCpuTicks(server) - before) / TICKS_A_SECOND / requests) * 1e6;
  } finally {
    server.kill("SIGKILL");
    await once(server, "close");
  }
}

function runWrk(url: string, fields: readonly string[], seconds: number): number {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, ...fields, url];
  const text = execFileSync("wrk", args, { encoding: "utf8" });
  if (/Non-2xx|Socket errors: .*(?:read [1-9]|timeout [1-9])/.test(text)) throw new Error(text);
  return Number(/(\d+) requests in/.exec(text)?.[1]);
}

function readCpuTicks(server: ChildProcess): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function format(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(1)} µs (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
