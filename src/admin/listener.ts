// The listener of the admin interface, on the main thread: the engine that serves the public serves it
// too, on a port of its own and with far fewer connections. Opened by serve/admin-interface.ts.

import { type BoundSocket, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { Connection } from "../http1/connection.ts";
import { RequestHeadCache } from "../http1/request-head-cache.ts";
import { ResponseWriter } from "../http1/response-writer.ts";
import { httpLimits } from "../transport/engine.ts";
import { NodeTransport } from "../transport/node-transport.ts";
import { SendMemory } from "../transport/send-memory.ts";
import type { AdminAccess } from "./access.ts";
import { ADMIN_FIELDS, AdminHandler, openPageFiles } from "./handler.ts";
import type { Monitor } from "./monitor.ts";

/** A few dashboards, each with a stream and the requests of its page, and whoever collects metrics. */
const CONNECTIONS_MAX = 64;
const BACKLOG = 64;
/** Events of a snapshot are some ten kilobytes, the page is fifty: all of them may wait with one each. */
const SEND_BYTES_MAX = 8 * 1024 * 1024;
const DEADLINE_CHECK_INTERVAL_MS = 250;

export interface AdminListenerOptions {
  readonly monitor: Monitor;
  readonly access: AdminAccess;
  readonly clock: Clock;
  readonly warn: (line: string) => void;
}

export class AdminListener {
  readonly #options: AdminListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Connection>();
  readonly #requestHeadCache = new RequestHeadCache();
  readonly #sendMemory = new SendMemory(SEND_BYTES_MAX);
  readonly #findPageFile = openPageFiles();
  readonly #responseWriter: ResponseWriter;
  readonly #timer: NodeJS.Timeout;

  constructor(options: AdminListenerOptions) {
    this.#options = options;
    this.#responseWriter = new ResponseWriter(httpLimits, options.clock.wallMs, ADMIN_FIELDS);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket);
    });
    this.#timer = setInterval(() => this.#checkDeadlines(), DEADLINE_CHECK_INTERVAL_MS);
  }

  /**
   * Resolves when it listens.
   * @param keeper a socket with an address; one of `Socket` listens already, on behalf of systemd
   */
  listen(keeper: BoundSocket | Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      // A server takes the socket over, whichever of the two it is; the types know neither.
      this.#server.listen(keeper as object, BACKLOG, resolve);
    });
  }

  /** Ends every connection: what was on its way to a reader is cut off. */
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
    const { clock, monitor, access, warn } = this.#options;
    const connection: Connection = new Connection({
      transport: new NodeTransport(socket, this.#sendMemory, "stream"),
      requestHeadCache: this.#requestHeadCache,
      handler: new AdminHandler({
        monitor,
        access,
        findPageFile: this.#findPageFile,
        localAddress,
        warn,
        onClosed: () => {
          this.#sockets.delete(socket);
          this.#connections.delete(connection);
        },
      }),
      limits: httpLimits,
      responseWriter: this.#responseWriter,
      monotonicMs: clock.monotonicMs,
    });
    this.#sockets.add(socket);
    this.#connections.add(connection);
    if (this.#connections.size > CONNECTIONS_MAX) {
      connection.reject({
        status: 503,
        explanation: `the admin interface holds ${CONNECTIONS_MAX} connections at most`,
      });
    }
  }

  #checkDeadlines(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const connection of this.#connections) connection.checkDeadline(nowMs);
  }
}
