// Everywhere the site is served: takes the ports and Unix sockets that the configuration names, or those
// that were handed to the process, and says which of them the server threads listen on by themselves
// and which the main thread accepts from. Called by running-server.ts, before any thread starts.

import { BoundSocket } from "node:net";
import type { ServeConfig } from "../config/serve-config.ts";
import { Acceptor } from "./acceptor.ts";
import type { InheritedSocket } from "./inherited-sockets.ts";
import { type ListenAddress, type TakenPort, takePort } from "./listen-address.ts";
import type { ListenWords } from "./listen-error.ts";
import type { ServedPlace } from "./start-message.ts";
import { type TakenSocket, takeUnixSocket } from "./unix-socket.ts";

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
