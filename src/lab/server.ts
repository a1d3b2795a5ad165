// A server for one experiment, and the small folder that it serves: the real program as a child process
// on a free port. Neither outlives the lab, whether it ends well, fails, or is stopped.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { OperationError } from "../base/operation-error.ts";

export const LAB_HOST = "127.0.0.1";

const READY_LINE = /^weir: serving .+ on http:\/\/127\.0\.0\.1:(\d+) \(/m;
/** Only for a start that hangs; a start that fails is noticed at once. */
const START_MS_MAX = 30_000;
/** Longer than the --drain of the server below. After it the server is killed. */
const STOP_MS_MAX = 3000;

type ServerChild = ChildProcessByStdio<null, null, Readable>;

/** What all experiments share: where they run, and how they are stopped. */
export interface LabSurroundings {
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Runs `use` with the port of a server that was started with `serveArgs`, and stops the server.
 * @throws OperationError when the server does not start; the reason of the signal when that came first
 */
export async function withLabServer<T>(
  { folder, signal }: LabSurroundings,
  serveArgs: readonly string[],
  use: (port: number) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const child = spawnServer(folder, serveArgs);
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  try {
    const port = await waitUntilReady(child, signal);
    const result = await use(port);
    // A run that was cut short has no result to compare with theory.
    signal.throwIfAborted();
    return result;
  } finally {
    await stopServer(child);
    process.off("exit", kill);
  }
}

function spawnServer(folder: string, serveArgs: readonly string[]): ServerChild {
  const program = fileURLToPath(new URL("../../bin/weir.js", import.meta.url));
  const place = ["--port", "0", "--host", LAB_HOST, "--state", "memory", "--log", "off"];
  const args = [program, "serve", folder, ...place, "--drain", "1s", ...serveArgs];
  return spawn(process.execPath, args, {
    // There is no config file.
    cwd: folder,
    env: serverEnvironment(process.env),
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** Without the variables that a person may have set for their own server. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const serverNames = ["PORT", "HOST", "WORKERS", "CONCURRENCY", "DELAY", "RATE"];
  const kept = Object.entries(env).filter(
    ([name]) => !serverNames.includes(name) && !name.startsWith("WEIR_"),
  );
  return Object.fromEntries(kept);
}

async function waitUntilReady(child: ServerChild, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = "";
  child.stderr.setEncoding("utf8");
  // Read to the end, even after the ready line: a full pipe would block the server.
  child.stderr.on("data", (chunk: string) => {
    text += chunk;
    const port = READY_LINE.exec(text)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  const fail = (why: string): void => {
    reject(new OperationError(`cannot start a server for the lab: ${why}`));
  };
  child.once("error", (error) => fail(error.message));
  child.once("close", (code) => fail(text.trim().split("\n").at(-1) || `it exited with ${code}`));
  const timer = setTimeout(() => fail(`it was not ready within ${START_MS_MAX} ms`), START_MS_MAX);
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function stopServer(child: ServerChild): Promise<void> {
  const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (hasEnded) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  clearTimeout(timer);
}

/** The one file in the folder, and the target that names it. */
export const LAB_FILE_NAME = "page.html";
export const LAB_TARGET = `/${LAB_FILE_NAME}`;

const PAGE = "<!doctype html>\n<title>weir lab</title>\n<p>A page to ask for.</p>\n";

/** Runs `use` with the path of the folder, which is removed afterwards, even when the process exits. */
export async function withLabFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "weir-lab-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    await writeFile(join(folder, LAB_FILE_NAME), PAGE);
    return await use(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}
