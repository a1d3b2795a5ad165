// The connections of the public on one server thread, from the listeners to the last byte: accepting,
// what a proxy says at their beginning, the quota of each client, and draining them. server-thread.ts
// makes one. What all connections have in common, wherever they come from, is in connections.ts.

import { createServer, type Server, type Socket } from "node:net";
import { type Clock, untilQuiet } from "../base/clock.ts";
import type { Client, Clients } from "../clients/clients.ts";
import type { ConnectionQuota } from "../clients/quota.ts";
import type { Fields } from "../http/reply.ts";
import type { ThreadMetrics } from "../metrics/thread-metrics.ts";
import {
  ClientConnection,
  type ConnectionPeer,
  type ConnectionServices,
  peerBehind,
} from "../request/client-connection.ts";
import { acceptClients, fromSocket } from "../transport/client-socket.ts";
import type { HttpLimits } from "../transport/engine.ts";
import { ProxiedStart } from "../transport/proxy-protocol.ts";
import type { SendMemory } from "../transport/send-memory.ts";
import type { ArrivedClient, Transport } from "../transport/transport.ts";
import { Connections } from "./connections.ts";
import type { ListenAddress } from "./listen-address.ts";

const BACKLOG = 1024;
/** A quarter more connections than can be served may be open, to be told that they are too many. */
const REJECTED_SHARE = 1.25;

export interface ThreadConnectionsOptions {
  /** How many connections the thread serves at once. */
  readonly connectionsMax: number;
  readonly limits: HttpLimits;
  /** Fields of every answer. */
  readonly fields: Fields;
  /** Whether a trusted proxy begins each connection with the PROXY protocol. */
  readonly proxyProtocol: boolean;
  readonly clients: Clients;
  readonly quota: ConnectionQuota;
  readonly services: ConnectionServices;
  readonly sendMemory: SendMemory;
  /** Undefined: nobody asks for metrics. */
  readonly metrics: ThreadMetrics | undefined;
  readonly clock: Clock;
  /** Called once, when all has ended after `drain`. */
  readonly onDrained: () => void;
}

export class ThreadConnections {
  readonly #options: ThreadConnectionsOptions;
  readonly #connections: Connections;
  #servers: readonly Server[];
  #acceptedCount: number;
  #state: "serving" | "draining" | "drained";

  constructor(options: ThreadConnectionsOptions) {
    this.#options = options;
    this.#connections = new Connections(options);
    this.#servers = [];
    this.#acceptedCount = 0;
    this.#state = "serving";
  }

  /**
   * Resolves when all addresses are listened on. A failure is an error that no listener takes: it ends
   * the thread, with its reason.
   */
  async listen(addresses: readonly ListenAddress[]): Promise<void> {
    this.#servers = addresses.map(() =>
      createServer({ allowHalfOpen: true, pauseOnConnect: true }),
    );
    await Promise.all(this.#servers.map((server, at) => this.#listenOn(server, addresses[at]!)));
  }

  /** Serves a connection that the main thread has accepted. */
  take(socket: Socket): void {
    this.#accept(fromSocket(socket, this.#options.sendMemory));
  }

  /** Ends what has taken too long: to be called a few times a second. */
  checkDeadlines(nowMs: number): void {
    this.#connections.checkDeadlines(nowMs);
  }

  /**
   * Ends every connection after the answer that is in progress, and listens until nobody waits to be
   * accepted: the kernel has completed those connections, and closing the listener would reset them.
   */
  drain(): void {
    this.#state = "draining";
    this.#connections.drain();
    void untilQuiet(() => this.#acceptedCount, BACKLOG).then(() => {
      for (const server of this.#servers) if (server.listening) server.close();
      this.#endIfDrained();
    });
  }

  #listenOn(server: Server, { host, port, ipv6Only }: ListenAddress): Promise<void> {
    // Without a host it means the same, and Node need not parse the host, which takes 8 ms the first time.
    const address = host === "::" && !ipv6Only ? { port } : { host, port, ipv6Only };
    return new Promise((resolve) => {
      server.listen({ ...address, reusePort: true, backlog: BACKLOG }, () => {
        acceptClients(server, this.#options.sendMemory, (arrived) => this.#accept(arrived));
        resolve();
      });
    });
  }

  #accept(arrived: ArrivedClient): void {
    const { metrics, clients, connectionsMax, proxyProtocol } = this.#options;
    const { address } = arrived;
    this.#acceptedCount++;
    metrics?.connectionOpened();
    // The client has gone again, or there are so many that a 503 for each would use up the descriptors.
    if (address === undefined || this.#connections.count >= connectionsMax * REJECTED_SHARE) {
      arrived.refuse();
      metrics?.connectionRejected();
      metrics?.connectionClosed();
      return;
    }
    const client = clients.ofAddress(address);
    const transport = arrived.open();
    if (proxyProtocol && client.isTrustedProxy) this.#awaitProxyHeader(transport, client);
    else this.#begin(transport, { client, isBelieved: client.isTrustedProxy });
  }

  /** The first bytes of this connection say whose it is. */
  #awaitProxyHeader(transport: Transport, proxy: Client): void {
    const { limits, clock, clients, metrics } = this.#options;
    const start = new ProxiedStart({
      transport,
      limits,
      monotonicMs: clock.monotonicMs,
      onHeader: (proxied) => {
        this.#connections.remove(start);
        this.#begin(transport, peerBehind(proxy, proxied, clients));
      },
      onClosed: () => {
        metrics?.connectionClosed();
        this.#connections.remove(start);
        this.#endIfDrained();
      },
    });
    this.#connections.add(start);
  }

  #begin(transport: Transport, { client, isBelieved, rejection }: ConnectionPeer): void {
    const { quota, metrics, services, clients } = this.#options;
    // Many clients come through one proxy: its connections are bounded by `connectionsMax` alone.
    const hasQuota = !client.isTrustedProxy;
    const isWithinQuota = !hasQuota || quota.take(client.key);
    const isTooMany = !isWithinQuota || this.#connections.isFull;
    // A connection that began wrongly gets an answer that is counted as such.
    if (isTooMany && rejection === undefined) metrics?.connectionRejected();
    this.#connections.serve(
      transport,
      (remove) =>
        new ClientConnection({
          ...services,
          client,
          clients: isBelieved ? clients : undefined,
          onClosed: () => {
            metrics?.connectionClosed();
            if (hasQuota && isWithinQuota) quota.giveBack(client.key);
            remove();
            this.#endIfDrained();
          },
        }),
      rejection ?? (isTooMany ? { status: 503, explanation: undefined } : undefined),
    );
  }

  #endIfDrained(): void {
    const isListening = this.#servers.some(({ listening }) => listening);
    if (this.#state !== "draining" || this.#connections.count > 0 || isListening) return;
    this.#state = "drained";
    this.#options.onDrained();
  }
}
