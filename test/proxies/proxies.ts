// Starts weir with one of the proxies of deploy/ in front of it, and keeps what both write down of the
// requests between them. Called by the tests of this folder; the proxy ends with its test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type AdminWeir, startAdminWeir } from "../fixtures/admin-weir.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type JsonLine, parseJsonLog } from "../fixtures/log-lines.ts";
import { findProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import type { FrontProxy, SentRequest } from "./proxy-config.ts";

export interface ProxiedWeir {
  /** Where the proxy listens, on 127.0.0.1. */
  readonly port: number;
  readonly weir: AdminWeir;
  /** What the proxy says it has sent to weir so far. */
  sent(): readonly SentRequest[];
  /** What weir says it has answered so far. */
  answered(): readonly JsonLine[];
  /** Resolves when neither log has grown for a moment. */
  quiet(): Promise<void>;
}

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 3_000;
/** Logs are written ten times a second and quicker. */
const QUIET_MS = 500;

/** @param program the absolute path of the proxy's program */
export async function startProxied(
  t: TestContext,
  proxy: FrontProxy,
  program: string,
  dir: string,
): Promise<ProxiedWeir> {
  const args = ["--rate", "off", "--log", "json", "--workers", "2", "--trust-proxy", "127.0.0.1"];
  args.push(...(proxy.weirArgs ?? []));
  const weir = await startAdminWeir(t, { dir, args });
  const own = makeTempFolder(t);
  // Some of them read their files as another user.
  chmodSync(own, 0o755);
  const port = await findFreePort();
  const place = { port, weirPort: weir.port, adminPort: weir.adminPort, own };
  const { file, text, args: proxyArgs, logger } = proxy.configure(place);
  writeFileSync(file, text);
  const output = { text: "" };
  const child = startChild(t, program, proxyArgs, own, output);
  await waitForPort(child, port, output);
  if (logger !== undefined) {
    const path = findProgram(logger.program, process.env.PATH ?? "");
    if (path === undefined) throw new Error(`${logger.program} is not on PATH`);
    startChild(t, path, logger.args, own, output);
    // It follows from where the log is when it has opened it.
    await wait(QUIET_MS);
  }
  const sent = () => output.text.split("\n").slice(0, -1).flatMap(proxy.readLine);
  const answered = () => parseJsonLog(weir.stdout().replace(/[^\n]*$/, "")).lines;
  return {
    port,
    weir,
    sent,
    answered,
    async quiet() {
      for (let before = -1; ; ) {
        const now = output.text.length + weir.stdout().length;
        if (now === before) return;
        before = now;
        await wait(QUIET_MS);
      }
    },
  };
}

function startChild(
  t: TestContext,
  program: string,
  args: readonly string[],
  own: string,
  output: { text: string },
): ChildProcess {
  const child = spawn(program, args, {
    cwd: own,
    env: { ...process.env, HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A program that cannot be started shows itself as one that does not listen.
  child.on("error", () => {});
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("latin1").on("data", (text: string) => {
      output.text += text;
    });
  }
  t.after(() => stopChild(child));
  return child;
}

async function waitForPort(
  child: ChildProcess,
  port: number,
  output: { readonly text: string },
): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline && child.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await wait(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${child.spawnfile} does not listen:\n${output.text.slice(-2000)}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
