// Three servers that share a store, and HAProxy in front of them, each a process of its own on this
// machine. Started and ended by main.ts; it sends no request but the one that reads the hits.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isListening } from "../fixtures/free-port.ts";
import { RedisServer } from "../fixtures/redis-server.ts";
import { findProgram } from "../fixtures/system-program.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { adapt } from "../proxies/proxy-config.ts";

export const FLEET_RATE = 5;
export const SERVER_COUNT = 3;
const START_MS_MAX = 60_000;
const FILE = "a.txt";

interface Place {
  readonly port: number;
  readonly adminPort: number;
}

export class Fleet {
  readonly #root: string;
  readonly #endings: (() => unknown)[] = [];
  readonly #places: Place[] = [];
  readonly #servers: (WeirProcess | undefined)[] = [];
  #proxyPort = 0;
  #redis: RedisServer | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** The Debian packages of what is not installed. */
  static findMissingPrograms(): string[] {
    return ["redis-server", "haproxy"].filter((name) => program(name) === undefined);
  }

  /** What is asked for, at HAProxy. */
  get url(): string {
    return `http://127.0.0.1:${this.#proxyPort}/${FILE}`;
  }

  get store(): RedisServer {
    if (this.#redis === undefined) throw new Error("the fleet has not started");
    return this.#redis;
  }

  /** Answers of one server that may go uncounted, or unseen, when it is killed: two clients' of a second. */
  get unseenMax(): number {
    return 2 * FLEET_RATE * SERVER_COUNT;
  }

  async start(): Promise<void> {
    mkdirSync(join(this.#root, "public"));
    writeFileSync(join(this.#root, "public", FILE), "hello\n");
    mkdirSync(join(this.#root, "redis"));
    const redis = new RedisServer(
      program("redis-server") ?? "",
      join(this.#root, "redis"),
      await findFreePort(),
    );
    this.#redis = redis;
    this.#endings.push(() => redis.kill9());
    await redis.start();
    for (let index = 0; index < SERVER_COUNT; index++) {
      this.#places.push({ port: await findFreePort(), adminPort: await findFreePort() });
      await this.startServer(index);
    }
    await this.#startProxy();
  }

  async startServer(index: number): Promise<void> {
    const { port, adminPort } = this.#places[index] as Place;
    const args = [
      ...["--port", String(port), "--admin", `127.0.0.1:${adminPort}`],
      ...["--workers", "1", "--rate", `${FLEET_RATE}/s`, "--store", this.store.url],
      ...["--state", join(this.#root, `state-${index}`)],
      ...["--trust-proxy", "127.0.0.1", "--proxy-protocol"],
    ];
    const life = { after: (end: () => unknown) => void this.#endings.push(end) };
    this.#servers[index] = await startWeir(life, { dir: join(this.#root, "public"), args });
  }

  async killServer(index: number): Promise<void> {
    await this.#servers[index]?.kill9();
  }

  /** In all, as any server shows them: the sum over the fleet is a second old at most. */
  async readHits(): Promise<number> {
    await sleep(2000);
    const answer = await fetch(`http://127.0.0.1:${this.#proxyPort}/?format=json`);
    const { entries } = (await answer.json()) as { entries: { name: string; hits: number }[] };
    return entries.find(({ name }) => name === FILE)?.hits ?? 0;
  }

  async stop(): Promise<void> {
    for (const end of this.#endings.reverse()) await end();
  }

  async #startProxy(): Promise<void> {
    this.#proxyPort = await findFreePort();
    const file = join(this.#root, "haproxy.cfg");
    writeFileSync(
      file,
      adapt("haproxy.cfg", [
        ["bind :8080\n", `bind 127.0.0.1:${this.#proxyPort}\n`],
        ["maxconn 20000", "maxconn 400"],
        ["log stdout format raw local0", ""],
        ["check port 8002 ", "check "],
        ...this.#places.map(({ port, adminPort }, index): [string, string] => [
          `server weir${index + 1} weir${index + 1}:8001`,
          `server weir${index + 1} 127.0.0.1:${port} port ${adminPort}`,
        ]),
      ]),
    );
    const child = spawn(program("haproxy") ?? "", ["-db", "-f", file], { stdio: "ignore" });
    this.#endings.push(() => end(child));
    const deadlineMs = performance.now() + START_MS_MAX;
    while (!(await isListening(this.#proxyPort))) {
      if (performance.now() > deadlineMs) throw new Error("HAProxy does not listen");
      await sleep(50);
    }
  }
}

function program(name: string): string | undefined {
  return findProgram(name, process.env.PATH ?? "");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
