// Where the server listens: turns a host name into an address and takes the port, with an error that
// a person can act on. Runs on the main thread before any server thread starts.

import { lookup } from "node:dns/promises";
import { BoundSocket, type Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";

export interface ListenAddress {
  /** A numeric address. */
  readonly host: string;
  readonly port: number;
}

/** An address that is kept for us, until a listener takes its socket over. */
export interface TakenPort {
  readonly address: ListenAddress;
  /** A Socket where somebody else has opened it (inherited-sockets.ts). */
  readonly keeper: BoundSocket | Socket;
}

/** How messages tell the person what to type instead. */
export interface ListenFlag {
  /** The flag with another port: `--port 8002`. */
  typed(port: number): string;
  /** A flag with a host that works: `--host 127.0.0.1`. */
  readonly example: string;
  /** What to do when the host is none of this machine. */
  readonly elsewhere: string;
}

export const PORT_FLAG: ListenFlag = {
  typed: (port) => `--port ${port}`,
  example: "--host 127.0.0.1",
  elsewhere: "leave --host out for every interface",
};

const EVERY_INTERFACE_6 = "::";
const EVERY_INTERFACE_4 = "0.0.0.0";

/**
 * Takes the port and keeps it taken without listening, so that the threads can listen on it one after
 * the other. SO_REUSEPORT would let a second server of the same user share a port unnoticed: so the
 * port is first taken without it, which fails when anyone listens there.
 * @param host undefined: every interface
 * @throws OperationError
 */
export async function takePort(
  host: string | undefined,
  port: number,
  flag: ListenFlag,
): Promise<{ address: ListenAddress; keeper: BoundSocket }> {
  const fail = (error: NodeJS.ErrnoException): never => {
    throw listenError(host ?? "every interface", port, flag, error);
  };
  const address = host === undefined ? chooseEveryInterface(fail) : await resolveHost(host, flag);
  const probe = bind(address, port, false, fail);
  const takenPort = (probe.address() as { port: number }).port;
  probe.close();
  const canShare = process.platform === "linux";
  const keeper = bind(address, takenPort, canShare, fail);
  return { address: { host: address, port: takenPort }, keeper };
}

/** The host to tell people of; undefined, as for a server's own socket, where it is every interface. */
export function shownHostOf({ host }: ListenAddress): string | undefined {
  return host === EVERY_INTERFACE_6 || host === EVERY_INTERFACE_4 ? undefined : host;
}

/** Both families where the system has IPv6, else IPv4. */
function chooseEveryInterface(fail: (error: NodeJS.ErrnoException) => never): string {
  try {
    new BoundSocket({ host: EVERY_INTERFACE_6, port: 0 }).close();
    return EVERY_INTERFACE_6;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL") return EVERY_INTERFACE_4;
    return fail(error as NodeJS.ErrnoException);
  }
}

async function resolveHost(host: string, flag: ListenFlag): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new OperationError(
      `cannot listen on host ${JSON.stringify(host)}: no such name (give a name or an address of this machine, e.g. ${flag.example})`,
    );
  }
}

function bind(
  host: string,
  port: number,
  reusePort: boolean,
  fail: (error: NodeJS.ErrnoException) => never,
): BoundSocket {
  try {
    return new BoundSocket({ host, port, reusePort });
  } catch (error) {
    return fail(error as NodeJS.ErrnoException);
  }
}

function listenError(
  host: string,
  port: number,
  flag: ListenFlag,
  error: NodeJS.ErrnoException,
): OperationError {
  switch (error.code) {
    case "EADDRINUSE":
      return new OperationError(
        `cannot listen on port "${port}": another program does already (choose another: weir serve ${flag.typed(port === 65535 ? 8001 : port + 1)}, or ${flag.typed(0)} for any free one)`,
      );
    case "EACCES":
      return new OperationError(
        `cannot listen on port "${port}": this user may not use ports below 1024 (choose a higher one: weir serve ${flag.typed(8001)})`,
      );
    case "EADDRNOTAVAIL":
      return new OperationError(
        `cannot listen on host "${host}": it is no address of this machine (${flag.elsewhere})`,
      );
    default:
      return new OperationError(
        `cannot listen on host "${host}", port "${port}": ${error.message}`,
      );
  }
}
