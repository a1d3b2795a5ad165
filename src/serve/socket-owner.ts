// Which program holds a port or a Unix socket, as far as Linux tells: for errors that say who has what weir
// cannot have. Every reading is bounded, and what cannot be read stays unknown.

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { basename } from "node:path";

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
export function findPortOwner(port: number): string | undefined {
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
