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
  | { readonly kind: "absent"; readonly debianPackage: string };

type Stop = () => Promise<void>;

const HOST = "127.0.0.1";
const START_MS_MAX = 10_000;
const STOP_MS_MAX = 3_000;

/**
 * Starts the peer called `name`, one of `PEERS`.
 * @param own an empty folder that the peer may fill
 * @throws where it ends, or does not listen in time; with what it printed
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
  const stop: Stop = () => stopChild(child);
  try {
    await waitForPort(child, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { kind: "started", address: { host: HOST, port }, stop };
}

async function waitForPort(child: ChildProcess, port: number): Promise<void> {
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-2000);
    });
  }
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await isListening(port)) return;
    await wait(50);
  }
  throw new Error(`${child.spawnargs.join(" ")} does not listen; it printed:\n${printed}`);
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
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
