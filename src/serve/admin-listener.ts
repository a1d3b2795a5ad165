// Serves the admin interface on the main thread, with the engine that serves the public, but on a port of
// its own and with far fewer connections. Opened by admin-interface.ts.

import { type BoundSocket, createServer, type Server, type Socket } from "node:net";
import type { AdminAccess } from "../admin/access.ts";
import { ADMIN_FIELDS, AdminHandler, openPageFiles } from "../admin/handler.ts";
import type { Monitor } from "../admin/monitor.ts";
import type { Clock } from "../base/clock.ts";
import type { Refusal } from "../http/request.ts";
import { httpLimits } from "../transport/engine.ts";
import { NodeTransport } from "../transport/node-transport.ts";
import { SendMemory } from "../transport/send-memory.ts";
import { Connections } from "./connections.ts";

/** A few dashboards, each with a stream and the requests of its page, and the collectors of metrics. */
const CONNECTIONS_MAX = 64;
const BACKLOG = 64;
/** A snapshot is some ten kilobytes and the page is fifty: each connection may wait with one of them. */
const SEND_BYTES_MAX = 8 * 1024 * 1024;
const DEADLINE_CHECK_INTERVAL_MS = 250;
const TOO_MANY: Refusal = {
  status: 503,
  explanation: `the admin interface holds ${CONNECTIONS_MAX} connections at most`,
};

interface AdminListenerOptions {
  readonly monitor: Monitor;
  readonly access: AdminAccess;
  readonly clock: Clock;
  readonly warn: (line: string) => void;
}

export class AdminListener {
  readonly #options: AdminListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections: Connections;
  readonly #sendMemory = new SendMemory(SEND_BYTES_MAX);
  readonly #findPageFile = openPageFiles();
  readonly #timer: NodeJS.Timeout;

  constructor(options: AdminListenerOptions) {
    const { clock } = options;
    this.#options = options;
    this.#connections = new Connections({
      connectionsMax: CONNECTIONS_MAX,
      limits: httpLimits,
      fields: ADMIN_FIELDS,
      clock,
    });
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket);
    });
    this.#timer = setInterval(() => {
      this.#connections.checkDeadlines(clock.monotonicMs());
    }, DEADLINE_CHECK_INTERVAL_MS);
  }

  /**
   * Resolves when it listens.
   * @param keeper a socket with an address; one of `Socket` listens already, on behalf of systemd
   */
  listen(keeper: BoundSocket | Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      // A server takes over either kind of socket; the types know neither.
      this.#server.listen(keeper as object, BACKLOG, resolve);
    });
  }

  /** Ends every connection: an answer that is on its way is cut off. */
  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { localAddress } = socket;
    if (localAddress === undefined) {
      socket.destroy();
      return;
    }
    const { monitor, access, warn } = this.#options;

    this.#sockets.add(socket);
    this.#connections.serve(
      new NodeTransport(socket, this.#sendMemory, "stream"),
      (remove) =>
        new AdminHandler({
          monitor,
          access,
          findPageFile: this.#findPageFile,
          localAddress,
          warn,
          onClosed: () => {
            this.#sockets.delete(socket);
            remove();
          },
        }),
      this.#connections.isFull ? TOO_MANY : undefined,
    );
  }
}
