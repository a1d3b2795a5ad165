// Reader of `--host`: several addresses, host names and Unix sockets, `127.0.0.1,::1,unix:/run/weir.sock`.
// Pure. Whether this machine has them shows when they are listened on (server/listen-address.ts).

import { resolve } from "node:path";
import { parseHost } from "./quantity.ts";
import { UsageError } from "./usage-error.ts";

export type ListenHost =
  /** A numeric address, or a name that is looked up at the start. */
  | { readonly kind: "address"; readonly host: string }
  /** The absolute path of a Unix socket. */
  | { readonly kind: "unix"; readonly path: string };

/** Every server thread listens on each; a machine with more addresses takes them all without --host. */
const HOSTS_MAX = 32;
/** `sun_path` of unix(7) has 108 bytes on Linux and 104 elsewhere, the zero at the end among them. */
const SOCKET_PATH_BYTES_MAX = process.platform === "linux" ? 107 : 103;
const UNIX_PREFIX = /^unix:(?:\/\/(?=\/))?/i;

/**
 * @param text hosts separated by commas or line ends, each once
 * @param baseDir the absolute folder that a relative path of a socket starts from
 * @throws UsageError
 */
export function parseListenHosts(text: string, baseDir: string): readonly ListenHost[] {
  const parts = text.split(/[,\n]/).map((part) => part.trim());
  if (parts.length > HOSTS_MAX) throw new UsageError(`give at most ${HOSTS_MAX} hosts`);
  const hosts = new Map<string, ListenHost>();
  for (const part of parts) {
    const host = parseOne(part, baseDir);
    hosts.set(host.kind === "unix" ? `unix:${host.path}` : host.host.toLowerCase(), host);
  }
  return Object.freeze([...hosts.values()]);
}

function parseOne(text: string, baseDir: string): ListenHost {
  if (!UNIX_PREFIX.test(text)) return Object.freeze({ kind: "address", host: parseHost(text) });
  const given = text.replace(UNIX_PREFIX, "");
  if (process.platform === "win32") {
    throw new UsageError("this system has no Unix sockets that weir can serve on; give an address");
  }
  if (given === "" || given.endsWith("/") || given.includes("\0")) {
    throw new UsageError("give the path of a socket's file, such as unix:/run/weir.sock");
  }
  const path = resolve(baseDir, given);
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    throw new UsageError(
      `the path of a socket has at most ${SOCKET_PATH_BYTES_MAX} bytes, and this one has ${bytes}; give a shorter one, such as unix:/run/weir.sock`,
    );
  }
  return Object.freeze({ kind: "unix", path });
}
