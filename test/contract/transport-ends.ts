// Both ends of a connection, taking notes: a receiver that notes every call of its transport, and a client that
// notes what it reads. For the contract of transports.

import type { Duplex } from "node:stream";
import type { TransportReceiver } from "../../src/transport/transport.ts";
import { waitUntil } from "../fixtures/process-facts.ts";

/** Notes what happens, and overwrites what it was lent as the next connection would. */
export class Recorder implements TransportReceiver {
  text = "";
  readonly events: string[] = [];

  receive(bytes: Buffer, lengthBytes: number): void {
    this.text += bytes.toString("latin1", 0, lengthBytes);
    bytes.fill(0, 0, lengthBytes);
  }

  receiveEnd(): void {
    this.events.push("end");
  }

  drained(): void {
    this.events.push("drained");
  }

  sentEnd(): void {
    this.events.push("sent end");
  }

  closed(): void {
    this.events.push("closed");
  }

  has(event: string): boolean {
    return this.events.includes(event);
  }
}

/** Notes everything that a client reads. */
export class ClientReading {
  readonly #chunks: Buffer[] = [];
  bytes = 0;
  hasEnded = false;

  constructor(client: Duplex) {
    client.on("end", () => {
      this.hasEnded = true;
    });
    client.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.bytes += chunk.length;
    });
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async upTo(bytes: number): Promise<Buffer> {
    await waitUntil(`the client has read ${bytes} bytes`, () => this.bytes >= bytes);
    return this.all();
  }

  async upToEnd(): Promise<Buffer> {
    await waitUntil("the client has read the end", () => this.hasEnded);
    return this.all();
  }
}
