// How Node's own HTTP server reads bytes: the requests that it sees on one connection. Runs it on
// streams in memory, many connections at a time, so that 20,000 cases take seconds.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What a reader makes of the bytes of a connection, in order: `GET /a`. */
export type Reading = readonly string[];

/** As many connections as are open at the same time. */
const BATCH_COUNT = 500;
/** A stream hands its bytes on within two turns of the event loop; the rest is for good measure. */
const TURNS = 6;

export class NodeHttpReader {
  readonly #server: Server;
  readonly #readings = new Map<Duplex, string[]>();

  constructor() {
    // No timers: nothing here waits. Room for every head that fits into ours.
    const options = { connectionsCheckingInterval: 2 ** 30, maxHeaderSize: 64 * 1024 };
    this.#server = createServer(options);
    const note = (request: IncomingMessage) => {
      this.#readings.get(request.socket)?.push(`${request.method} ${request.url}`);
      request.resume();
    };
    for (const event of ["request", "connect", "checkContinue", "checkExpectation"]) {
      this.#server.on(event, note);
    }
    this.#server.on("clientError", (_error, socket) => socket.destroy());
  }

  async readAll(inputs: readonly string[]): Promise<Reading[]> {
    const readings: Reading[] = [];
    for (let at = 0; at < inputs.length; at += BATCH_COUNT) {
      readings.push(...(await this.#readBatch(inputs.slice(at, at + BATCH_COUNT))));
    }
    return readings;
  }

  async #readBatch(inputs: readonly string[]): Promise<Reading[]> {
    const connections = inputs.map((input) => {
      const [client, server] = duplexPair();
      const reading: string[] = [];
      this.#readings.set(server, reading);
      for (const side of [client, server]) side.on("error", () => {});
      this.#server.emit("connection", server);
      client.resume();
      client.write(Buffer.from(input, "latin1"));
      return { client, server, reading };
    });
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    for (const { client, server } of connections) {
      client.destroy();
      server.destroy();
    }
    this.#readings.clear();
    return connections.map(({ reading }) => reading);
  }
}
