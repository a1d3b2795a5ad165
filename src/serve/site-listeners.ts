// All places where the site is served: takes the ports and Unix sockets that the configuration names, or
// those that the process inherits, and decides which of them the server threads listen on by themselves
// and which the main thread accepts from. running-server.ts calls it before any thread starts.

import { fstatSync } from "node:fs";
import { BoundSocket, Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import { Acceptor, openAsTcp, type TakenSocket, takeUnixSocket } from "./acceptor.ts";
import { type ListenAddress, shownHostOf, type TakenPort, takePort } from "./listen-address.ts";
import type { ListenWords } from "./listen-error.ts";
import { findSocketPath } from "./socket-owner.ts";
import type { ServedPlace } from "./start-message.ts";

/** How the threads get the connections of a port. */
export type AcceptKind =
  /** Each thread listens by itself, and the kernel spreads the connections. */
  | "reuse-port"
  /** The main thread listens and hands each connection over. */
  | "hand-over";

export interface SiteListeners {
  readonly places: readonly ServedPlace[];
  /** The addresses that every thread listens on. */
  readonly addresses: readonly ListenAddress[];
  /** The sockets that the main thread accepts from. */
  readonly acceptors: readonly Acceptor[];
  /** Stops new connections, before those that wait are accepted. A second call does nothing. */
  close(): void;
}

/**
 * @param acceptKind of ports; by default what the system can
 * @param warn prints one line for the person who runs the server
 * @throws OperationError
 */
export async function takeSiteListeners(
  config: ServeConfig,
  inherited: readonly InheritedSocket[],
  acceptKind: AcceptKind | undefined,
  warn: (line: string) => void,
): Promise<SiteListeners> {
  if (inherited.length > 0) return serveOnInherited(inherited);
  const sockets: TakenSocket[] = [];
  try {
    const ports = needsPort(config) ? await takePort(portRequest(config, warn)) : [];
    for (const host of config.host) {
      if (host.kind === "unix") sockets.push(await takeUnixSocket(host.path, config.origins.host));
    }
    const kind = acceptKind ?? (process.platform === "linux" ? "reuse-port" : "hand-over");
    return serveOnTaken(ports, sockets, kind);
  } catch (error) {
    for (const socket of sockets) {
      socket.removeFile();
      socket.acceptor.close();
    }
    throw error;
  }
}

/** Unix sockets alone are enough. */
function needsPort({ host: hosts }: ServeConfig): boolean {
  return hosts.length === 0 || hosts.some(({ kind }) => kind === "address");
}

function portRequest({ host: hosts, port, nextPort, admin, origins }: ServeConfig, warn: PortWarn) {
  const words: ListenWords = {
    typed: (other) => `--port ${other}`,
    example: "--host 127.0.0.1",
    elsewhere: "leave --host out for every interface",
    hostOrigin: origins.host,
    portOrigin: origins.port,
    env: process.env,
  };
  return {
    hosts: hosts.flatMap((host) => (host.kind === "address" ? host.host : [])),
    port,
    takesNext: nextPort,
    reserved: admin === undefined ? [] : [admin.port],
    words,
    warn,
  };
}

type PortWarn = (line: string) => void;

function serveOnInherited(inherited: readonly InheritedSocket[]): SiteListeners {
  const places = inherited.map((socket): ServedPlace => {
    if ("path" in socket) return { kind: "unix", path: socket.path };
    return { kind: "port", host: socket.shownHost, port: socket.address.port };
  });
  // A socket that another program opened has one queue, so one thread accepts from it.
  const acceptors = inherited.map(
    (socket) => new Acceptor("path" in socket ? socket.handle : socket.keeper, true),
  );
  return { places, addresses: [], acceptors, close() {} };
}

function serveOnTaken(
  ports: readonly TakenPort[],
  sockets: readonly TakenSocket[],
  kind: AcceptKind,
): SiteListeners {
  const isShared = kind === "reuse-port";
  let isClosed = false;
  const handedPorts = isShared ? [] : ports;
  return {
    places: [
      ...ports.map(
        ({ shownHost, address }): ServedPlace => ({
          kind: "port",
          host: shownHost,
          port: address.port,
        }),
      ),
      ...sockets.map(({ path }): ServedPlace => ({ kind: "unix", path })),
    ],
    addresses: isShared ? ports.map(({ address }) => address) : [],
    acceptors: [
      ...handedPorts.map(({ keeper }) => new Acceptor(keeper, false)),
      ...sockets.map(({ acceptor }) => acceptor),
    ],
    close() {
      // A second signal closes what the first has closed.
      if (isClosed) return;
      isClosed = true;
      // A keeper that a listener has taken over is closed with that listener.
      for (const { keeper } of isShared ? ports : []) {
        if (keeper instanceof BoundSocket) keeper.close();
      }
      for (const socket of sockets) socket.removeFile();
    },
  };
}

// Listening sockets that the program which started weir has opened for it, in systemd's protocol:
// LISTEN_PID says which process they are meant for, LISTEN_FDS how many there are from descriptor 3 on,
// and LISTEN_FDNAMES what each is called (sd_listen_fds(3)). Such a socket outlives weir: a client that
// connects while weir restarts waits in the kernel's queue. The supervisor calls this once, before any
// thread starts.

/** A Unix socket that the main thread accepts from. */
export interface InheritedUnixSocket {
  /** Its path, or `descriptor 3` where the system does not say. */
  readonly path: string;
  /** A server takes it over (`server.listen`). */
  readonly handle: object;
}

type InheritedSocket = TakenPort | InheritedUnixSocket;

export interface InheritedSockets {
  /** They replace `--host` and `--port`, which count if there are none. */
  readonly sites: readonly InheritedSocket[];
  /** The socket called "admin", which replaces the address in `--admin`. */
  readonly admin: TakenPort | undefined;
}

/** SD_LISTEN_FDS_START: the standard streams come before it. */
const FIRST_DESCRIPTOR = 3;
const ADMIN_NAME = "admin";

/**
 * Takes the sockets that are meant for this process, and removes the variables from `env`, so that no child
 * process and no second call takes the sockets for its own.
 * @throws OperationError for a descriptor that cannot be served on
 */
export function takeInheritedSockets(env: NodeJS.ProcessEnv, pid: number): InheritedSockets {
  const { LISTEN_PID, LISTEN_FDS = "", LISTEN_FDNAMES = "" } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  if (LISTEN_PID !== String(pid)) return { sites: [], admin: undefined };
  if (!/^\d{1,4}$/.test(LISTEN_FDS)) {
    throw new OperationError(
      `cannot take over sockets: LISTEN_FDS is ${JSON.stringify(LISTEN_FDS)}, and has to be their number`,
    );
  }
  const names = LISTEN_FDNAMES.split(":");
  const sites: InheritedSocket[] = [];
  let admin: TakenPort | undefined;
  for (let index = 0; index < Number(LISTEN_FDS); index++) {
    const descriptor = FIRST_DESCRIPTOR + index;
    const taken = takeSocket(descriptor);
    if (names[index] !== ADMIN_NAME) {
      sites.push(taken);
      continue;
    }
    const fail = (why: string) =>
      new OperationError(`cannot serve on descriptor ${descriptor}: ${why}`);
    if (admin !== undefined) throw fail('it is a second socket of the name "admin"');
    if (!("address" in taken)) {
      throw fail('the admin interface has no Unix socket: give the socket "admin" a port');
    }
    admin = taken;
  }
  return { sites, admin };
}

/**
 * Node shows no options of a socket, so a listening one is recognised by having an address and no client
 * at its other end. (The system's tables would say more, but they do not show sockets that were opened
 * outside of a service's own network.)
 */
function takeSocket(descriptor: number): InheritedSocket {
  const fail = (hint: string) =>
    new OperationError(
      `cannot serve on descriptor ${descriptor}: it is not a listening TCP socket (${hint})`,
    );
  const isConnection = "it is a connection; a service that accepts by itself has Accept=no";
  const keeper = openSocket(descriptor);
  if (keeper !== undefined && isUnixSocket(keeper)) {
    const handle = openAsTcp(descriptor);
    // A listening socket has no peer, and this call says so.
    if (handle?.getpeername({}) === 0) throw fail(isConnection);
    if (handle !== undefined) {
      const path = findSocketPath(fstatSync(descriptor).ino) ?? `descriptor ${descriptor}`;
      return { path, handle };
    }
  }
  const { localAddress: host, localPort: port } = keeper ?? {};
  if (keeper === undefined || host === undefined || !port) {
    throw fail("systemd opens one for ListenStream=8001 or ListenStream=ADDRESS:8001");
  }
  if (keeper.remoteAddress !== undefined) throw fail(isConnection);
  return { address: { host, port, ipv6Only: false }, shownHost: shownHostOf({ host }), keeper };
}

/** Undefined when it is no socket at all. */
function openSocket(fd: number): Socket | undefined {
  try {
    return new Socket({ fd, readable: false, writable: false, allowHalfOpen: true });
  } catch {
    return undefined;
  }
}

/** Node has another class for them, without addresses. The pipe of a shell is of that class, too. */
function isUnixSocket(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { _handle: { fd: number } | null };
  if (handle === null || "getsockname" in handle) return false;
  return fstatSync(handle.fd).isSocket();
}
