// A listener of the main thread, for sockets that server threads cannot share: its connections wait
// until thread-pool.ts takes them, and are handed over. Made by site-listeners.ts.

import { createServer, type Server, type Socket } from "node:net";

/** As many as Linux allows, so that a socket that systemd has opened keeps its queue. */
const BACKLOG = 4096;
/** The queue is empty after so many turns without a connection: the first may have begun too early. */
const QUIET_TURNS = 3;

export class Acceptor {
  /** Whether another process holds the queue too, so that clients in it wait for a successor. */
  readonly queueOutlives: boolean;
  private readonly keeper: object;
  private readonly server: Server;
  private readonly waiting: Socket[] = [];
  private take: ((socket: Socket) => void) | undefined;
  private acceptedCount = 0;

  /** @param keeper of whatever class: a server takes the socket over */
  constructor(keeper: object, queueOutlives: boolean) {
    this.keeper = keeper;
    this.queueOutlives = queueOutlives;
    // The other options are those of server-thread.ts; a socket keeps them when it is handed over.
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true };
    this.server = createServer(options, (socket) => this.accept(socket));
  }

  /** Resolves when it listens; a second time at once. */
  listen(): Promise<void> {
    if (this.server.listening) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.keeper, BACKLOG, resolve);
    });
  }

  /** From now on each connection is given to `take`, those that wait first. */
  handTo(take: (socket: Socket) => void): void {
    this.take = take;
    for (const socket of this.waiting.splice(0)) take(socket);
  }

  /** Ends now; what waits is cut off. */
  close(): void {
    if (this.server.listening) this.server.close();
    for (const socket of this.waiting.splice(0)) socket.destroy();
  }

  /**
   * Ends when every connection that the kernel has completed is taken: the close would reset it. Where
   * the queue outlives this process, the connections in it are the successor's.
   */
  async closeOnceQuiet(): Promise<void> {
    let quietTurns = this.queueOutlives ? QUIET_TURNS : 0;
    for (let turns = 0; turns < BACKLOG && quietTurns < QUIET_TURNS; turns++) {
      const before = this.acceptedCount;
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.acceptedCount === before ? quietTurns + 1 : 0;
    }
    this.close();
  }

  private accept(socket: Socket): void {
    this.acceptedCount++;
    if (this.take !== undefined) this.take(socket);
    else if (this.waiting.length < BACKLOG) this.waiting.push(socket);
    else socket.destroy();
  }
}
