// Asks for one target after another over one connection, and opens a new one when the server has
// closed it: the corpora of paths are too large for a connection each. Targets are sent as they are.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import type { ServerAddress } from "./server-address.ts";

/** `closed` without an answer; `unreadable`: what came is no HTTP response. */
export type PathAnswer =
  | { readonly kind: "answered"; readonly response: RawResponse }
  | { readonly kind: "closed" | "timed-out" | "unreadable" };

const ANSWER_MS_MAX = 5000;

export class PathClient {
  readonly #address: ServerAddress;
  #socket: Socket | undefined;

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** @param target one character a byte */
  async get(target: string): Promise<PathAnswer> {
    const isReused = this.#socket !== undefined;
    const answer = await this.#ask(target);
    // A server may close a connection that was idle before it sees this request.
    return answer.kind === "closed" && isReused ? this.#ask(target) : answer;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #ask(target: string): Promise<PathAnswer> {
    this.#socket ??= await open(this.#address);
    const { host, port } = this.#address;
    this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`, "latin1");
    const answer = await hearOne(this.#socket);
    if (answer.kind !== "answered" || saysClose(answer.response)) this.close();
    return answer;
  }
}

async function open(address: ServerAddress): Promise<Socket> {
  const socket = connect({ ...address, noDelay: true });
  // A reset is an ordinary end here; "close" follows.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** The one answer to the one request under way. */
function hearOne(socket: Socket): Promise<PathAnswer> {
  const { promise, resolve } = Promise.withResolvers<PathAnswer>();
  const chunks: Buffer[] = [];
  const read = (ended: boolean): void => {
    try {
      const { responses } = splitResponses(Buffer.concat(chunks), { ended });
      const response = responses.find(({ status }) => status >= 200);
      if (response !== undefined) resolve({ kind: "answered", response });
      else if (ended) resolve({ kind: "closed" });
    } catch {
      resolve({ kind: "unreadable" });
    }
  };
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    read(false);
  };
  const onEnd = (): void => read(true);
  const timer = setTimeout(() => resolve({ kind: "timed-out" }), ANSWER_MS_MAX);
  socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("data", onData).off("end", onEnd).off("close", onEnd);
  });
}

function saysClose(response: RawResponse): boolean {
  return response.version === "HTTP/1.0" || /close/i.test(`${response.fields.get("connection")}`);
}
