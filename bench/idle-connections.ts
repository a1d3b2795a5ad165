// Many connections that have each asked once and then wait, as those of browsers do.

import { connect, type Socket } from "node:net";
import { OperationError } from "../src/base/operation-error.ts";

export interface IdleConnections {
  /** Those that the server has not closed. */
  openCount(): number;
  close(): void;
}

/** Opened so many at a time: less than the queue of a listening socket. */
const AT_A_TIME = 64;

/**
 * Opens `count` connections to 127.0.0.1:`port` from the local addresses in turn; each has had a
 * whole answer of at least `bodyBytes` for `path`. Rejects with `OperationError` when one fails.
 */
export async function openIdleConnections(
  port: number,
  path: string,
  bodyBytes: number,
  count: number,
  addresses: readonly string[],
): Promise<IdleConnections> {
  const sockets: Socket[] = [];
  const openFrom = async (first: number): Promise<void> => {
    for (let index = first; index < count; index += AT_A_TIME) {
      const localAddress = addresses[index % addresses.length]!;
      const socket = connect({ host: "127.0.0.1", port, localAddress, noDelay: true });
      sockets.push(socket);
      await askOnce(socket, path, bodyBytes);
    }
  };
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, first) => openFrom(first)));
  } catch (error) {
    close();
    throw new OperationError(`cannot hold ${count} connections: ${(error as Error).message}`);
  }
  const openCount = (): number =>
    sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
  return { openCount, close };
}

/** Settles when the whole answer has come; rejects when the connection ends before that. */
function askOnce(socket: Socket, path: string, bodyBytes: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let head = "";
  let receivedBytes = 0;
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("the server closed one")));
  socket.on("data", (chunk) => {
    head ||= chunk.toString("latin1", 0, 12);
    receivedBytes += chunk.length;
    if (!head.endsWith(" 200")) reject(new Error(`an answer begins with "${head}"`));
    else if (receivedBytes > bodyBytes) resolve();
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  return promise;
}
