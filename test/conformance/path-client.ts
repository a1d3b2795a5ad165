// Asks for one target after another over one connection, and opens a new one when the server has
// closed it: the corpora of paths are too large for a connection each. Targets are sent as they are.

import { openRawConnection, type RawConnection } from "../fixtures/raw-client.ts";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import type { ServerAddress } from "./server-address.ts";

export type PathAnswer =
  | { readonly kind: "answered"; readonly response: RawResponse }
  | { readonly kind: "closed" | "timed-out" | "unreadable" };

const ANSWER_MS_MAX = 2000;

export class PathClient {
  readonly #address: ServerAddress;
  #connection: RawConnection | undefined;
  #answerCount = 0;

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** @param target one character a byte */
  async get(target: string): Promise<PathAnswer> {
    const isReused = this.#connection !== undefined;
    const answer = await this.#ask(target);
    // The server may have closed a connection that it was used to, before it saw this request.
    return answer.kind === "closed" && isReused ? this.#ask(target) : answer;
  }

  close(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#answerCount = 0;
  }

  async #ask(target: string): Promise<PathAnswer> {
    this.#connection ??= await openRawConnection(this.#address);
    const connection = this.#connection;
    await connection.send(`GET ${target} HTTP/1.1\r\nHost: ${this.#address.host}\r\n\r\n`);
    const answer = await this.#hear(connection);
    const mustClose = connection.closed !== "open" || this.#answerCount >= ANSWERS_MAX;
    if (answer.kind !== "answered" || mustClose || saysClose(answer.response)) this.close();
    return answer;
  }
}
