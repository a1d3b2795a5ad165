// Who should accept connections: each thread by itself, or the main thread for all? Runs both ways
// in turn under the same load and compares the server's CPU time for one answer, on kept connections
// and on new ones. It answers a question of docs/decisions/accepting.md, not a claim, so it is no row.
//
//   node bench/accepting.ts [ROUNDS]

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CPU_UNIT, contend } from "./cpu-per-answer.ts";
import { writeRandomFile } from "./file-tree.ts";
import { FORMS } from "./form.ts";
import { measureInTurn } from "./measure-in-turn.ts";
import { formatRow } from "./result-table.ts";
import type { Case } from "./row.ts";
import { RowContext } from "./row-context.ts";

const KINDS = ["hand-over", "reuse-port"] as const;
const LOADS = [
  { name: "kept connections", fields: [] },
  { name: "new connections", fields: ["Connection: close"] },
] as const;

const rounds = Number(process.argv[2] ?? 5);
const context = new RowContext(FORMS.short, console.error);
const children: ChildProcess[] = [];
try {
  const cases = await measureAll();
  console.log(formatRow({ name: "accepting", title: "Who accepts", targets: [] }, { cases }));
} finally {
  for (const child of children) child.kill("SIGKILL");
  await context.close();
}

async function measureAll(): Promise<Case[]> {
  const dir = context.makeFolder();
  const body = writeRandomFile(dir, "1k.bin", 1024);
  const servers = [];
  for (const kind of KINDS) servers.push(await startKind(dir, kind));
  const cases: Case[] = [];
  for (const { name, fields } of LOADS) {
    const load = {
      name,
      path: "/1k.bin",
      expected: { status: 200, body },
      fieldsFor: () => fields,
    };
    const contenders = servers.map((server) => contend(server, load));
    const series = await measureInTurn(contenders, { ...context.form, rounds });
    cases.push({ name, unit: CPU_UNIT, series });
  }
  return cases;
}

async function startKind(dir: string, kind: string) {
  const main = fileURLToPath(new URL("./accept-server-main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, dir, kind], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const port = Number(String(line));
  return { name: kind, pid: child.pid as number, url: `http://127.0.0.1:${port}` };
}
