// Starts another server over the same folder, on a free port, and ends it again. A peer that is not
// installed is no error: the table names the Debian package that would bring it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findFreePort } from "../fixtures/free-port.ts";
import { findProgram } from "../fixtures/system-program.ts";
import { PEERS } from "./peer-config.ts";
import type { ServerAddress } from "./server-address.ts";

export type PeerStart =
  | { readonly kind: "started"; readonly address: ServerAddress; readonly stop: Stop }
  | { readonly kind: "absent"; readonly debianPackage: string }
  | { readonly kind: "failed"; readonly explanation: string };

type Stop = () => Promise<void>;

const HOST = "127.0.0.1";
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 3_000;

/**
 * Starts the peer called `name`, one of `PEERS`.
 * @param own an empty folder that the peer may fill
 */
export async function startPeer(name: string, served: string, own: string): Promise<PeerStart> {
  const port = await findFreePort(HOST);
  const config = PEERS[name]?.({ port, served, own });
  if (config === undefined)
    throw new Error(`"${name}" is no peer: ${Object.keys(PEERS).join(", ")}`);
  const { program, debianPackage, args, file } = config;
  const path =
    program === undefined ? process.execPath : findProgram(program, process.env.PATH ?? "");
  if (path === undefined) return { kind: "absent", debianPackage };
  chmodSync(own, 0o777);
  if (file !== undefined) writeFileSync(join(own, file.name), file.text);
  const child = spawn(path, args, {
    cwd: own,
    env: { ...process.env, HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A program that cannot be started shows itself as one that does not listen.
  child.on("error", () => {});
  const stop: Stop = () => stopChild(child);
  const explanation = await waitForPort(child, port);
  if (explanation !== undefined) {
    await stop();
    return { kind: "failed", explanation };
  }
  return { kind: "started", address: { host: HOST, port }, stop };
}

/** undefined when the peer listens; otherwise what it printed before it ended or time was up. */
async function waitForPort(child: ChildProcess, port: number): Promise<string | undefined> {
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-2000);
    });
  }
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline) {
    if (child.pid === undefined || hasEnded(child)) break;
    if (await isListening(port)) return undefined;
    await wait(50);
  }
  return printed.trim() || `${child.spawnfile} printed nothing and does not listen`;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, "close");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
