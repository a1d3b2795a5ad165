// The beginning of a connection that a trusted proxy must begin with the PROXY protocol: reads its
// header, from however few bytes at a time, and then hands the connection over with what stands behind
// the header. Used by server-thread.ts, only where --proxy-protocol is given. It keeps a few kilobytes
// at most, no longer than a head may take, and answers nothing itself.

import type { Socket } from "node:net";
import type { HttpLimits } from "../http/http-limits.ts";
import { InputBuffer } from "../http/input-buffer.ts";
import { type ProxiedClient, parseProxyHeader } from "../http/proxy-header.ts";
import type { ClientSocket } from "./client-socket.ts";

/** What takes a connection over; http/connection.ts. */
export interface NextConnection {
  receive(bytes: Buffer, lengthBytes: number): void;
}

export interface ProxiedStartOptions {
  readonly socket: ClientSocket;
  readonly limits: Pick<HttpLimits, "headTimeoutMs" | "drainGraceMs">;
  readonly monotonicMs: () => number;
  /**
   * Called once, when it is known whose connection it is, or that it does not begin as it must.
   * Whoever takes it over listens to the stream from then on.
   */
  readonly onHeader: (
    client: ProxiedClient | "wrong",
    stream: Socket,
    input: "calls" | "stream",
  ) => NextConnection;
  /** Called once instead, when the connection ended before that. */
  readonly onClosed: () => void;
}

const EMPTY = Buffer.alloc(0);

export class ProxiedStart {
  private readonly options: ProxiedStartOptions;
  private readonly stream: Socket;
  private readonly input: "calls" | "stream";
  private deadlineMs: number;
  private readonly received = new InputBuffer();
  private next: NextConnection | undefined;

  constructor(options: ProxiedStartOptions) {
    const { socket, limits, monotonicMs } = options;
    this.options = options;
    this.deadlineMs = monotonicMs() + limits.headTimeoutMs;
    const { stream, input } = socket.open((bytes, lengthBytes) => this.receive(bytes, lengthBytes));
    this.stream = stream;
    this.input = input;
    if (input === "stream") stream.on("data", this.receiveChunk);
    stream.on("end", this.end);
    stream.on("error", this.end);
    stream.on("close", this.close);
  }

  /** Called a few times a second: a proxy that says nothing is not waited for. */
  checkDeadline(nowMs: number): void {
    if (nowMs >= this.deadlineMs) this.stream.destroy();
  }

  /** A connection that was on its way is still taken over, and told then. */
  drain(): void {
    this.deadlineMs = this.options.monotonicMs() + this.options.limits.drainGraceMs;
  }

  /** @param bytes lent: copied where they are not enough */
  private receive(bytes: Buffer, lengthBytes: number): void {
    if (this.next !== undefined) {
      this.next.receive(bytes, lengthBytes);
      return;
    }
    const isFirst = this.received.length === 0;
    if (!isFirst) this.received.append(bytes, 0, lengthBytes);
    const here = isFirst ? bytes.subarray(0, lengthBytes) : this.received.bytes;
    const outcome = parseProxyHeader(here);
    if (outcome.kind === "incomplete") {
      // Its length was looked at: what is longer than a header may be is wrong.
      if (isFirst) this.received.append(bytes, 0, lengthBytes);
      return;
    }
    this.received.clear();
    const isHeader = outcome.kind === "header";
    const next = this.handOver(isHeader ? outcome.client : "wrong");
    const rest = isHeader ? here.subarray(outcome.endOffset) : EMPTY;
    if (rest.length > 0) next.receive(rest, rest.length);
  }

  private handOver(client: ProxiedClient | "wrong"): NextConnection {
    const { stream, input } = this;
    // The new owner listens first: a stream without listeners would let bytes go.
    this.next = this.options.onHeader(client, stream, input);
    stream.off("data", this.receiveChunk);
    stream.off("end", this.end);
    stream.off("error", this.end);
    stream.off("close", this.close);
    return this.next;
  }

  private readonly receiveChunk = (chunk: Buffer): void => this.receive(chunk, chunk.length);

  private readonly end = (): void => {
    this.stream.destroy();
  };

  private readonly close = (): void => this.options.onClosed();
}
