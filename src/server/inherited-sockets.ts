// Listening sockets that whoever started weir has opened for it, in systemd's protocol: LISTEN_PID says
// whom they are meant for, LISTEN_FDS how many there are from descriptor 3 on, LISTEN_FDNAMES what
// each is called (sd_listen_fds(3)). Such a socket outlives weir: who connects while weir is restarted
// waits in the kernel's queue. Called once by the supervisor, before any thread starts.

import { Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import type { TakenPort } from "./listen-address.ts";

export interface InheritedSockets {
  /** Instead of `--host` and `--port`. */
  readonly site: TakenPort | undefined;
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
  if (LISTEN_PID !== String(pid)) return { site: undefined, admin: undefined };
  if (!/^\d{1,4}$/.test(LISTEN_FDS)) {
    throw new OperationError(
      `cannot take over sockets: LISTEN_FDS is ${JSON.stringify(LISTEN_FDS)}, and has to be their number`,
    );
  }
  const names = LISTEN_FDNAMES.split(":");
  let site: TakenPort | undefined;
  let admin: TakenPort | undefined;
  for (let index = 0; index < Number(LISTEN_FDS); index++) {
    const descriptor = FIRST_DESCRIPTOR + index;
    const isAdmin = names[index] === ADMIN_NAME;
    if ((isAdmin ? admin : site) !== undefined) {
      throw new OperationError(
        `cannot serve on descriptor ${descriptor}: it is a second socket ${isAdmin ? 'of the name "admin"' : "to serve on"} (one ListenStream= is enough: [::]:8001 takes IPv4 too; the admin interface's has FileDescriptorName=admin)`,
      );
    }
    const taken = takeSocket(descriptor);
    if (isAdmin) admin = taken;
    else site = taken;
  }
  return { site, admin };
}

/**
 * Node tells no option of a socket, so what listens is known by what it is not: it has an address and
 * nobody at its other end. (A table of the system's would know more, and does not show sockets that
 * were opened outside of a service's own network.)
 */
function takeSocket(descriptor: number): TakenPort {
  const fail = (hint: string) =>
    new OperationError(
      `cannot serve on descriptor ${descriptor}: it is no listening TCP socket (${hint})`,
    );
  const keeper = openSocket(descriptor);
  const { localAddress: host, localPort: port } = keeper ?? {};
  if (keeper === undefined || host === undefined || !port) {
    throw fail("systemd opens one for ListenStream=8001 or ListenStream=ADDRESS:8001");
  }
  if (keeper.remoteAddress !== undefined) {
    throw fail("it is a connection; a service that accepts by itself has Accept=no");
  }
  return { address: { host, port }, keeper };
}

/** undefined when it is no socket at all. */
function openSocket(fd: number): Socket | undefined {
  try {
    return new Socket({ fd, readable: false, writable: false, allowHalfOpen: true });
  } catch {
    return undefined;
  }
}
