// What a result depends on and a reader cannot see: the machine, and the versions of all programs.

import { spawnSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { PEERS } from "./peers/peer-list.ts";

export interface MachineFacts {
  readonly cores: number;
  readonly model: string;
  readonly kernel: string;
  readonly memoryBytes: number;
}

export function readMachineFacts(): MachineFacts {
  const cores = cpus();
  return {
    cores: cores.length,
    model: cores[0]?.model.trim() || "unknown",
    kernel: `${type()} ${release()}`,
    memoryBytes: totalmem(),
  };
}

/** The first line that each installed program prints of its version, by the program's name. */
export function readVersions(): Record<string, string> {
  const versions: Record<string, string> = { node: process.version };
  for (const { name, find, versionArgs } of Object.values(PEERS)) {
    const program = find();
    if (program === undefined) continue;
    const isScript = /\.js$|http-server$/.test(program);
    const line = isScript ? [process.execPath, program] : [program];
    versions[name] = readFirstLine([...line, ...versionArgs]);
  }
  versions.wrk = readFirstLine(["wrk", "-v"]);
  return versions;
}

function readFirstLine([program = "", ...args]: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n")[0] ?? "";
}
