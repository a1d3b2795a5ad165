// Listening sockets that the server threads cannot share: the main thread accepts from them and hands each
// connection over. Also takes Unix sockets: their path, and the place of a file that a dead server left.
//
// Node moves a socket to another thread only if it is of Node's class for TCP. libuv reads, writes and
// accepts on both kinds in the same way, so a Unix socket is opened as one of that class. It then has no
// address, which is how a client of a Unix socket is recognised (transport/client-socket.ts).

import { chmodSync, existsSync, lstatSync, type Stats, unlinkSync } from "node:fs";
import { BoundSocket, connect, createServer, type Server, Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { untilQuiet } from "../base/clock.ts";
import { OperationError } from "../base/operation-error.ts";
import { formatOrigin, type ValueOrigin } from "../config/usage-error.ts";
import { findSocketOwner } from "./socket-owner.ts";

/** The most that Linux allows, so that a socket which systemd has opened keeps its queue. */
const BACKLOG = 4096;

export class Acceptor {
  /** Whether another process holds the queue too, so that clients in it wait for a successor. */
  readonly queueOutlives: boolean;
  readonly #keeper: object;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  #take: ((socket: Socket) => void) | undefined;
  #acceptedCount = 0;

  /** @param keeper of any class: a server takes the socket over */
  constructor(keeper: object, queueOutlives: boolean) {
    this.#keeper = keeper;
    this.queueOutlives = queueOutlives;
    // The other options are those of thread-connections.ts; a socket keeps them when it is handed over.
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (socket) => this.#accept(socket));
  }

  /** Resolves when it listens; at once if it listens already. */
  listen(): Promise<void> {
    if (this.#server.listening) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#keeper, BACKLOG, resolve);
    });
  }

  /** Gives each connection to `take` from now on, beginning with those that wait. */
  handTo(take: (socket: Socket) => void): void {
    this.#take = take;
    for (const socket of this.#waiting.splice(0)) take(socket);
  }

  /** Ends now; connections that wait are cut off. */
  close(): void {
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  /**
   * Ends when every connection that the kernel has completed is taken, because closing would reset them.
   * Where the queue outlives this process, the connections in it belong to its successor.
   */
  async closeOnceQuiet(): Promise<void> {
    if (!this.queueOutlives) await untilQuiet(() => this.#acceptedCount, BACKLOG);
    this.close();
  }

  #accept(socket: Socket): void {
    this.#acceptedCount++;
    if (this.#take !== undefined) this.#take(socket);
    else if (this.#waiting.length < BACKLOG) this.#waiting.push(socket);
    else socket.destroy();
  }
}

export interface TakenSocket {
  readonly path: string;
  /** It listens already: a socket that does not listen looks like one that a dead server has left. */
  readonly acceptor: Acceptor;
  /** Takes the file away, unless another server has put its own there since. */
  removeFile(): void;
}

/** Every user of this machine may connect, as to a port; the folder's permissions can keep users out. */
const SOCKET_MODE = 0o666;
/** Servers that start at the same moment may find each other's files. */
const ATTEMPTS_MAX = 5;
/** A dead server's socket delays a start by a fifth of a second; a live server answers at once. */
const KNOCKS = 5;
const KNOCK_INTERVAL_MS = 50;
/** `net.Socket`'s own handles are of this kind; the number only names them in Node's diagnostics. */
const HANDLE_KIND = 0;

interface TcpHandle {
  open(fd: number): number;
  getpeername(into: object): number;
}

/** @throws OperationError when the path is taken, or cannot be made */
export async function takeUnixSocket(
  path: string,
  origin: ValueOrigin | undefined,
): Promise<TakenSocket> {
  const source = formatOrigin(origin);
  const fail = (why: string, ...advice: string[]) => {
    const remarks = [source, ...advice].filter((remark) => remark !== undefined).join("; ");
    return new OperationError(
      `cannot listen on ${JSON.stringify(`unix:${path}`)}: ${why}${remarks && ` (${remarks})`}`,
    );
  };
  for (let attempt = 1; ; attempt++) {
    const bound = bind(path);
    if (bound instanceof BoundSocket) return open(path, bound);
    const { code } = bound;
    if (code !== "EADDRINUSE" || attempt === ATTEMPTS_MAX) throw fail(whyNot(bound, path));
    const before = statOf(path);
    if (before === undefined) continue;
    if (!before.isSocket())
      throw fail("a file that is not a socket has that name", "give another path");
    const answer = await knockPatiently(path);
    if (answer === "accepted") {
      const owner = findSocketOwner(path);
      throw fail(
        `it is already in use${owner === undefined ? "" : ` by ${owner}`}`,
        "give another path",
      );
    }
    if (answer !== "ECONNREFUSED" && answer !== "ENOENT") {
      throw fail(`a socket has that name, and it is not known whether it is in use (${answer})`);
    }
    // Another server may have replaced the file meanwhile: then it belongs to that server.
    if (isSame(before, statOf(path))) removeStale(path, fail);
  }
}

/** Opens a listening Unix socket by its descriptor. Undefined: it is no such socket. */
export function openAsTcp(fd: number): (TcpHandle & object) | undefined {
  // The class is not exported: an unconnected socket shows it, and is never connected.
  const model = new Socket();
  model.on("error", () => {});
  model.connect({ host: "weir.invalid", port: 1, lookup: () => {} });
  const owner = model as unknown as { _handle: TcpHandle | null };
  const Handle = owner._handle?.constructor as (new (kind: number) => TcpHandle) | undefined;
  model.destroy();
  if (Handle === undefined) return undefined;
  const handle = new Handle(HANDLE_KIND);
  return handle.open(fd) === 0 ? handle : undefined;
}

function bind(path: string): BoundSocket | NodeJS.ErrnoException {
  try {
    // The types do not have paths yet (Node 26.10).
    return new BoundSocket({ path } as ConstructorParameters<typeof BoundSocket>[0]);
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

async function open(path: string, bound: BoundSocket): Promise<TakenSocket> {
  const own = statOf(path);
  // The descriptor has two owners from here on, and the listener closes it. `bound` is never closed: its
  // number may belong to another file by then.
  const handle = openAsTcp(bound.fd());
  if (handle === undefined) {
    throw new OperationError(
      "cannot listen on Unix sockets: this Node.js does not open them as weir needs",
    );
  }
  const acceptor = new Acceptor(handle, false);
  await acceptor.listen();
  chmodSync(path, SOCKET_MODE);
  return {
    path,
    acceptor,
    removeFile() {
      if (own !== undefined && isSame(own, statOf(path))) unlinkQuietly(path);
    },
  };
}

/** Another server may have made the file and not listen on it yet. */
async function knockPatiently(path: string): Promise<string> {
  for (let times = 1; ; times++) {
    const answer = await knock(path);
    if (answer !== "ECONNREFUSED" || times === KNOCKS) return answer;
    await sleep(KNOCK_INTERVAL_MS);
  }
}

/** "accepted", or the error's code. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      resolve("accepted");
      socket.destroy();
    });
    // A queue that is full has a server that empties it.
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) => {
      resolve(code === "EAGAIN" ? "accepted" : code);
    });
  });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function removeStale(path: string, fail: (why: string) => OperationError): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") {
      throw fail(`a dead server has left a socket there that this user may not remove (${code})`);
    }
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The next server replaces a file that is left.
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException, path: string): string {
  // libuv reports ENOENT as EACCES here.
  if (!existsSync(dirname(path))) return "there is no such folder";
  switch (code) {
    case "ENOTDIR":
      return "a part of the path is a file, not a folder";
    case "EACCES":
    case "EPERM":
      return "this user may not make a socket in that folder";
    case "EROFS":
      return "its file system is read-only";
    case "EADDRINUSE":
      return "other servers keep taking it";
    default:
      return message;
  }
}
