// Why an address cannot be listened on, in one line: what is wrong, where the value came from, and what
// to type instead, which is tried before it is said. Made by listen-address.ts.

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { isIPv6 } from "node:net";
import { basename } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { formatOrigin, type ValueOrigin } from "../config/usage-error.ts";
import type { BindError } from "./listen-address.ts";
import { listNetworkAddresses } from "./network-addresses.ts";

/** How messages tell the person what to type instead. */
export interface ListenWords {
  /** The flag with another port: `--port 8002`. */
  typed(port: number): string;
  /** A flag with a host that works: `--host 127.0.0.1`. */
  readonly example: string;
  /** What to do when the host is none of this machine. */
  readonly elsewhere: string;
  readonly hostOrigin: ValueOrigin | undefined;
  readonly portOrigin: ValueOrigin | undefined;
  /** Of the process: npm says there how it was called. */
  readonly env: NodeJS.ProcessEnv;
}

const FIRST_ORDINARY_PORT = 1024;
/** People know them as the ones to use instead. */
const ORDINARY_PORTS: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
]);
const USUAL_PORT = 8001;

/** @param findFreePort a port from a given one on that can be had now */
export function listenError(
  { code, message, target, port }: BindError,
  words: ListenWords,
  findFreePort: (from: number) => number | undefined,
): OperationError {
  const { host } = target;
  const shownHost = JSON.stringify(target.shownHost ?? "every interface");
  const advise = (from: number) => advisePort(findFreePort(from), words);
  const onPort = (why: string, advice: string) =>
    new OperationError(
      `cannot listen on port "${port}": ${why} (${join(formatOrigin(words.portOrigin), advice)})`,
    );
  const onHost = (why: string, advice: string) =>
    new OperationError(
      `cannot listen on host ${shownHost}: ${why} (${join(formatOrigin(words.hostOrigin), advice)})`,
    );
  switch (code) {
    case "EADDRINUSE":
      return onPort(`it is already in use${ownerRemark(port)}`, advise(port + 1));
    case "EACCES":
    case "EPERM":
      return onPort(whyForbidden(port), advise(ORDINARY_PORTS.get(port) ?? USUAL_PORT));
    case "EADDRNOTAVAIL":
      return onHost("it is no address of this machine", join(listOwn(), words.elsewhere));
    case "EAFNOSUPPORT":
      return onHost(
        isIPv6(host) ? "this system has no IPv6" : "this system has no such addresses",
        words.elsewhere,
      );
    default:
      return new OperationError(`cannot listen on host ${shownHost}, port "${port}": ${message}`);
  }
}

/** `port 8001 is already in use by nginx, process 123` */
export function portInUse(port: number): string {
  return `port ${port} is already in use${ownerRemark(port)}`;
}

function ownerRemark(port: number): string {
  const owner = findPortOwner(port);
  return owner === undefined ? "" : ` by ${owner}`;
}

function advisePort(free: number | undefined, words: ListenWords): string {
  if (free === undefined) {
    return `${howToAdd(words.typed(0), words.env)} takes any free port`;
  }
  return `port ${free} is free: ${howToAdd(words.typed(free), words.env)}; port 0 takes any free one`;
}

/** Below npm a flag is typed behind two dashes; npx hands it on as it is. */
function howToAdd(flag: string, env: NodeJS.ProcessEnv): string {
  const { npm_lifecycle_event: script, npm_command: command } = env;
  if (script === undefined || script === "npx" || command === "exec") return `add ${flag}`;
  const name = /^[\w:.-]+$/.test(script) ? script : "NAME";
  return name === "start" ? `npm start -- ${flag}` : `npm run ${name} -- ${flag}`;
}

function whyForbidden(port: number): string {
  const first = readFirstOrdinaryPort();
  return port < first
    ? `this user may not use ports below ${first}`
    : "the system does not let this user listen there";
}

/** `ip_unprivileged_port_start` of ip(7). */
function readFirstOrdinaryPort(): number {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8");
    return Number.parseInt(text, 10) || FIRST_ORDINARY_PORT;
  } catch {
    return FIRST_ORDINARY_PORT;
  }
}

function listOwn(): string | undefined {
  const addresses = listNetworkAddresses().slice(0, 4);
  return addresses.length === 0 ? undefined : `it has 127.0.0.1, ${addresses.join(", ")}`;
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("; ");
}

// Which program has a port or a Unix socket that weir cannot have, as far as Linux tells: for the one
// line of an error. Every reading is bounded, and whatever cannot be read is not told.

/** Listening sockets come first in the tables: those of a few thousand fit. */
const TABLE_BYTES_MAX = 1024 * 1024;
/** Together some tenths of a second on a busy machine; after that the owner stays unknown. */
const PROCESSES_MAX = 4096;
const DESCRIPTORS_MAX = 1024;
const LOOK_MS_MAX = 500;
const NAME_LENGTH_MAX = 60;
/** TCP_LISTEN of the kernel's net/tcp_states.h. */
const LISTENING = "0A";
/** Programs that run others: the name of the script says more. */
const INTERPRETER = /^(?:node|python|ruby|perl|php|java|deno|bun)[\d.]*$/;

/** `nginx, process 123`; undefined when it cannot be told. */
function findPortOwner(port: number): string | undefined {
  const portText = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readTable(table)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && local.endsWith(`:${portText}`) && inode !== undefined) {
        const owner = findInodeOwner(inode);
        if (owner !== undefined) return owner;
      }
    }
  }
  return undefined;
}

/** The same for a Unix socket, by its path. */
export function findSocketOwner(path: string): string | undefined {
  for (const line of readTable("/proc/net/unix")) {
    const [, , , , , , inode, ...rest] = line.trim().split(/\s+/);
    if (rest.join(" ") !== path || inode === undefined) continue;
    const owner = findInodeOwner(inode);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Of a listening Unix socket, by the inode of its descriptor; undefined when it cannot be told. */
export function findSocketPath(inode: number): string | undefined {
  for (const line of readTable("/proc/net/unix")) {
    const [, , , , , , lineInode, ...rest] = line.trim().split(/\s+/);
    if (lineInode === String(inode) && rest.length > 0) return rest.join(" ");
  }
  return undefined;
}

function readTable(path: string): string[] {
  const bytes = Buffer.allocUnsafe(TABLE_BYTES_MAX);
  let length = 0;
  try {
    const fd = openSync(path, "r");
    try {
      // The kernel gives a page or so at a time.
      for (let got = -1; got !== 0 && length < bytes.length; length += got) {
        got = readSync(fd, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
  return bytes.toString("latin1", 0, length).split("\n").slice(1);
}

function findInodeOwner(inode: string): string | undefined {
  const link = `socket:[${inode}]`;
  const deadline = performance.now() + LOOK_MS_MAX;
  for (const pid of listNames("/proc", /^\d+$/).slice(0, PROCESSES_MAX)) {
    if (performance.now() > deadline) return undefined;
    const folder = `/proc/${pid}/fd`;
    // The descriptors of other users' processes cannot be read.
    const descriptors = listNames(folder, /^\d+$/).slice(0, DESCRIPTORS_MAX);
    if (descriptors.some((fd) => readLink(`${folder}/${fd}`) === link)) {
      return `${readProgramName(pid)}, process ${pid}`;
    }
  }
  return undefined;
}

function listNames(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch {
    return [];
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Its command line rather than `comm`, which for Node is the name of a thread. */
function readProgramName(pid: string): string {
  let words: string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return "a program";
  }
  // nginx writes "nginx: master process …" there, as one word.
  const program = basename(words[0]?.split(/:? /, 1)[0] ?? "");
  const script = words.slice(1).find((word) => word !== "" && !word.startsWith("-"));
  const isNamedByScript = INTERPRETER.test(program) && script !== undefined;
  const name = isNamedByScript ? `${program} ${basename(script)}` : program;
  // What a program calls itself may hold anything.
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, NAME_LENGTH_MAX) || "a program";
}
