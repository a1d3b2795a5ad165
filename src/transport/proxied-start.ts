// The beginning of a connection that a trusted proxy must begin with the PROXY protocol: receives until
// its header is whole, from however few bytes at a time, and then gives its place to another receiver,
// with what came behind the header. After that it is on nobody's way. Used by serve/thread-connections.ts, only
// with --proxy-protocol. It keeps a few kilobytes at most, no longer than a head may take, and answers
// nothing itself.

import { InputBuffer } from "./input-buffer.ts";
import { type ProxiedClient, parseProxyHeader } from "./proxy-header.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

export interface ProxiedStartOptions {
  readonly transport: Transport;
  readonly limits: {
    /** How long the header is waited for. */
    readonly headTimeoutMs: number;
    /** How long it is waited for once the server drains. */
    readonly drainGraceMs: number;
  };
  readonly monotonicMs: () => number;
  /**
   * Called once, when it is known whose connection it is, or that it does not begin as it must. It gives
   * the transport its next receiver.
   */
  readonly onHeader: (client: ProxiedClient | "wrong") => void;
  /** Called once instead, when the connection ended before that. */
  readonly onClosed: () => void;
}

export class ProxiedStart implements TransportReceiver {
  readonly #options: ProxiedStartOptions;
  readonly #transport: Transport;
  readonly #received = new InputBuffer();
  #deadlineMs: number;

  constructor(options: ProxiedStartOptions) {
    const { transport, limits, monotonicMs } = options;
    this.#options = options;
    this.#transport = transport;
    this.#deadlineMs = monotonicMs() + limits.headTimeoutMs;
    transport.receiver = this;
  }

  /** Called a few times a second: a proxy that says nothing is not waited for. */
  checkDeadline(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) this.#transport.destroy();
  }

  /** A connection that was on its way is still handed on; its next owner is told that we drain. */
  drain(): void {
    this.#deadlineMs = this.#options.monotonicMs() + this.#options.limits.drainGraceMs;
  }

  receive(bytes: Buffer, lengthBytes: number): void {
    const isFirst = this.#received.length === 0;
    if (!isFirst) this.#received.append(bytes, 0, lengthBytes);
    const here = isFirst ? bytes.subarray(0, lengthBytes) : this.#received.bytes;
    const outcome = parseProxyHeader(here);
    if (outcome.kind === "incomplete") {
      // Its length was looked at: what is longer than a header may be is wrong.
      if (isFirst) this.#received.append(bytes, 0, lengthBytes);
      return;
    }
    this.#received.clear();
    this.#options.onHeader(outcome.kind === "header" ? outcome.client : "wrong");
    // What does not begin with a header is not read as a request either.
    if (outcome.kind === "wrong" || outcome.endOffset === here.length) return;
    const rest = here.subarray(outcome.endOffset);
    this.#transport.receiver.receive(rest, rest.length);
  }

  receiveEnd(): void {
    this.#transport.destroy();
  }

  drained(): void {}

  sentEnd(): void {}

  closed(): void {
    this.#options.onClosed();
  }
}
