// The life of one started server: run in the foreground on its core, waited for until it answers,
// stopped with all that it started.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperationError } from "../../src/base/operation-error.ts";
import { findFreePort } from "../../test/fixtures/free-port.ts";
import { cleanEnvironment } from "../../test/fixtures/weir-process.ts";
import { ask } from "../ask.ts";
import { SERVER_CORE } from "../cores.ts";
import type { Peer, ServerOptions } from "./peer.ts";

const START_MS_MAX = 20_000;
const STOP_MS_MAX = 5_000;
/** Between two tries to reach a server that starts: little against any start of a program. */
const TRY_AGAIN_MS = 2;

export interface Server {
  readonly name: string;
  readonly pid: number;
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** From starting the program to its first whole answer, in milliseconds. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/**
 * Starts `peer`, whose program was found at `program`; settles when it has answered a request for
 * `readyPath`. Throws `OperationError` with what it printed when it ends before that.
 */
export async function startPeer(
  peer: Peer,
  program: string,
  options: ServerOptions,
  parentDir: string,
  readyPath = "/",
): Promise<Server> {
  const port = await findFreePort();
  const ownDir = join(parentDir, `${peer.name.replaceAll(" ", "-")}-${port}`);
  mkdirSync(ownDir);
  const command = peer.prepare(program, options, { port, ownDir });
  const line = [command.program, ...command.args];
  const pinned = options.isUnpinned ? line : ["taskset", "-c", String(SERVER_CORE), ...line];
  const startedMs = performance.now();
  const child = spawn(pinned[0] as string, pinned.slice(1), {
    cwd: ownDir,
    env: cleanEnvironment(process.env, command.env ?? {}),
    stdio: ["ignore", "ignore", "pipe"],
    // A process group of its own, so that stopping it reaches its workers too.
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitForAnswer(peer.name, child, `${url}${readyPath}`);
  } catch (error) {
    await stopGroup(child);
    throw error;
  }
  const startMs = performance.now() - startedMs;
  const stop = (): Promise<void> => stopGroup(child);
  return { name: peer.name, pid: child.pid as number, url, port, startMs, stop };
}

async function waitForAnswer(name: string, child: ChildProcess, url: string): Promise<void> {
  let stderr = "";
  let spawnError: Error | undefined;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.once("error", (error) => {
    spawnError = error;
  });
  const deadlineMs = performance.now() + START_MS_MAX;
  for (;;) {
    try {
      await ask(url);
      return;
    } catch (error) {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (spawnError !== undefined || hasEnded || performance.now() > deadlineMs) {
        const reason = spawnError?.message ?? (stderr.trim() || (error as Error).message);
        throw new OperationError(`cannot start ${name}: ${reason}`);
      }
      await sleep(TRY_AGAIN_MS);
    }
  }
}

/** SIGTERM to the whole group, SIGKILL to what is left of it. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    signalGroup(child.pid, "SIGTERM");
    await Promise.race([ended, sleep(STOP_MS_MAX, undefined, { ref: false })]);
  }
  signalGroup(child.pid, "SIGKILL");
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}
