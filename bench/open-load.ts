// Sends requests at a constant rate, whatever the server does (the open model), in a process of its
// own on the core of the load.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OperationError } from "../src/base/operation-error.ts";
import { LOAD_CORE } from "./cores.ts";

export interface OpenLoad {
  readonly port: number;
  readonly path: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly connections: number;
  /** Local addresses, taken in turn by the connections. */
  readonly addresses: readonly string[];
}

export interface OpenLoadResult {
  /** All of them with status 200: anything else ends the load. */
  readonly answers: number;
  /** From when a request was due to the last byte of its answer: 99 of 100 took no longer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From when a request was due to when it was sent though a connection was free: the client's own. */
  readonly ownP99Ms: number;
}

const MAIN = fileURLToPath(new URL("./open-load-main.ts", import.meta.url));
const runFile = promisify(execFile);

/** Rejects with `OperationError`, one line, when an answer is wrong or a connection ends. */
export async function runOpenLoad(load: OpenLoad): Promise<OpenLoadResult> {
  const args = ["-c", String(LOAD_CORE), process.execPath, MAIN, JSON.stringify(load)];
  try {
    const { stdout } = await runFile("taskset", args, { encoding: "utf8" });
    return JSON.parse(stdout) as OpenLoadResult;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new OperationError(`the load failed: ${stderr?.trim() || message}`);
  }
}
