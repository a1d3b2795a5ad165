// What the load client costs, against others on the same server: a client that is slow measures
// itself. Its start is part of it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OperationError } from "../../src/base/operation-error.ts";
import { LOAD_CORE } from "../cores.ts";
import { writeRandomFile } from "../file-tree.ts";
import { autocannon, type LoadClient, weirLoad, wrk } from "../load-clients.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import type { Row } from "../row.ts";

const SECONDS_PER_ROUND_SECOND = 1;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const runFile = promisify(execFile);
/** The second line of what `times` prints: user and system time of the shell's children. */
const CHILDREN_TIMES = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

export const load: Row = {
  name: "load",
  title: "Load clients, 1 KB, kept connections",
  targets: [
    { caseName: "client", peer: "wrk", ratioMax: 2 },
    { caseName: "client", peer: "autocannon", ratioMax: 0.25 },
  ],
  async measure(context) {
    const dir = context.makeFolder();
    writeRandomFile(dir, "1k.bin", 1024);
    const server = await context.startServer("nginx", { dir });
    if (server === undefined) return { cases: [] };
    const url = `${server.url}/1k.bin`;
    const contenders = [weirLoad, wrk, autocannon].flatMap((client) => contend(client, url));
    const series = await measureInTurn(contenders, context.form);
    return { cases: [{ name: "client", unit: "µs CPU of the client an answer", series }] };
  },
};

function contend(client: LoadClient, url: string): Contender[] {
  const program = client.find();
  if (program === undefined) return [];
  const measure = async (seconds: number): Promise<number> => {
    const command = client.command(program, url, Math.ceil(seconds * SECONDS_PER_ROUND_SECOND));
    const { stdout, cpuSeconds } = await runPinned(client.name, command);
    return (cpuSeconds / client.countAnswers(stdout)) * 1e6;
  };
  return [{ name: client.name, measure }];
}

/** Runs a command on the core of the load and tells its CPU time, its children's included. */
async function runPinned(name: string, command: readonly string[]) {
  const script = '"$@" && times >&2';
  const pinned = ["-c", String(LOAD_CORE), "bash", "-c", script, "bash", ...command];
  try {
    const options = { encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX } as const;
    const { stdout, stderr } = await runFile("taskset", pinned, options);
    const [, ...times] = CHILDREN_TIMES.exec(stderr) ?? [];
    const [minutes = 0, seconds = 0, systemMinutes = 0, systemSeconds = 0] = times.map(Number);
    return { stdout, cpuSeconds: (minutes + systemMinutes) * 60 + seconds + systemSeconds };
  } catch (error) {
    throw new OperationError(`the load by ${name} failed: ${(error as Error).message.trim()}`);
  }
}
