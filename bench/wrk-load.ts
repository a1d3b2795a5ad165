// Sends load with wrk, which is Debian's and not ours, on a core of its own.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OperationError } from "../src/base/operation-error.ts";
import { LOAD_CORE } from "./cores.ts";
import { parseWrkOutput, type WrkResult } from "./wrk-output.ts";

export interface WrkLoad {
  /** For what is told when the load fails. */
  readonly serverName: string;
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** More field lines of each request: `If-None-Match: "x"`. */
  readonly fields?: readonly string[];
  readonly countsStatuses?: boolean;
  /** Ask for one of so many files (bench/file-tree.ts) at random instead of the path of `url`. */
  readonly fileCount?: number;
  /** 1, on the core of the load, when left out; more run on whichever core is free. */
  readonly threads?: number;
}

const SCRIPT = fileURLToPath(new URL("./wrk-script.lua", import.meta.url));
/** Only ends a load on a server that hangs: a slow answer is no failure. */
const TIMEOUT_SECONDS = 30;
const runFile = promisify(execFile);

/**
 * Settles when the load is over. Rejects with `OperationError` and the name of the server when wrk
 * cannot run or `parseWrkOutput` finds a fault.
 */
export async function runWrk(load: WrkLoad): Promise<WrkResult> {
  const { threads = 1 } = load;
  const pinned = threads === 1 ? ["taskset", "-c", String(LOAD_CORE)] : [];
  const [program = "wrk", ...args] = [...pinned, "wrk", ...formatArguments(load, threads)];
  try {
    const { stdout } = await runFile(program, args, { encoding: "utf8" });
    return parseWrkOutput(stdout);
  } catch (error) {
    const { message } = error as Error;
    throw new OperationError(`the load on ${load.serverName} failed: ${message.trim()}`);
  }
}

function formatArguments(load: WrkLoad, threads: number): string[] {
  const fields = (load.fields ?? []).flatMap((field) => ["-H", field]);
  const options = [
    ...(load.countsStatuses ? ["statuses=1"] : []),
    ...(load.fileCount === undefined ? [] : [`files=${load.fileCount}`]),
  ];
  const size = [`-t${threads}`, `-c${load.connections}`, `-d${load.seconds}s`];
  const timeout = ["--timeout", `${TIMEOUT_SECONDS}s`];
  return [...size, ...timeout, "-s", SCRIPT, ...fields, load.url, "--", ...options];
}
