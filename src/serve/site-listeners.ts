// Everywhere the site is served: takes the ports and Unix sockets that the configuration names, or those
// that were handed to the process, and says which of them the server threads listen on by themselves
// and which the main thread accepts from. Called by running-server.ts, before any thread starts.

import { fstatSync } from "node:fs";
import { BoundSocket, Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import { Acceptor, openAsTcp, type TakenSocket, takeUnixSocket } from "./acceptor.ts";
import { type ListenAddress, shownHostOf, type TakenPort, takePort } from "./listen-address.ts";
import type { ListenWords } from "./listen-error.ts";
import { findSocketPath } from "./socket-owner.ts";
import type { ServedPlace } from "./start-message.ts";

/** How the threads come by the connections of a port. */
export type AcceptKind =
  /** Each listens by itself, and the kernel spreads the connections. */
  | "reuse-port"
  /** The main thread listens and hands each connection over. */
  | "hand-over";

export interface SiteListeners {
  readonly places: readonly ServedPlace[];
  /** What every thread listens on. */
  readonly addresses: readonly ListenAddress[];
  /** What the main thread accepts from. */
  readonly acceptors: readonly Acceptor[];
  /** No new connections come: called before those that wait are accepted. A second time it does nothing. */
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
  // A socket that others opened has one queue, and so one thread that accepts.
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
// LISTEN_PID says whom they are meant for, LISTEN_FDS how many there are from descriptor 3 on,
// LISTEN_FDNAMES what each is called (sd_listen_fds(3)). Such a socket outlives weir: a client that
// connects while weir is restarted waits in the kernel's queue. Called once by the supervisor, before
// any thread starts.

/** A Unix socket that the main thread accepts from. */
export interface InheritedUnixSocket {
  /** Its path; `descriptor 3` where the system does not tell it. */
  readonly path: string;
  /** For `server.listen`, which takes it over. */
  readonly handle: object;
}

type InheritedSocket = TakenPort | InheritedUnixSocket;

export interface InheritedSockets {
  /** Instead of `--host` and `--port`; none: those count. */
  readonly sites: readonly InheritedSocket[];
  /** Instead of the address in `--admin`: the socket that is called "admin". */
  readonly admin: TakenPort | undefined;
}

/** SD_LISTEN_FDS_START: what comes before are the standard streams. */
const FIRST_DESCRIPTOR = 3;
const ADMIN_NAME = "admin";

/**
 * Takes what is meant for this process, and takes the variables out of `env`, so that no child and no
 * second call believes that the sockets are its own.
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
 * Node tells no option of a socket, so what listens is known by what it is not: it has an address and
 * no client at its other end. (A table of the system's would know more, and does not show sockets that
 * were opened outside of a service's own network.)
 */
function takeSocket(descriptor: number): InheritedSocket {
  const fail = (hint: string) =>
    new OperationError(
      `cannot serve on descriptor ${descriptor}: it is no listening TCP socket (${hint})`,
    );
  const isConnection = "it is a connection; a service that accepts by itself has Accept=no";
  const keeper = openSocket(descriptor);
  if (keeper !== undefined && isUnixSocket(keeper)) {
    const handle = openAsTcp(descriptor);
    // A socket without a peer says so.
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

/** undefined when it is no socket at all. */
function openSocket(fd: number): Socket | undefined {
  try {
    return new Socket({ fd, readable: false, writable: false, allowHalfOpen: true });
  } catch {
    return undefined;
  }
}

/** Node has another class for them, which knows no addresses; a pipe of a shell is of it, too. */
function isUnixSocket(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { _handle: { fd: number } | null };
  if (handle === null || "getsockname" in handle) return false;
  return fstatSync(handle.fd).isSocket();
}
