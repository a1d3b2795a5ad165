// How a server thread gets its clients. Each socket reads into one buffer that all connections of the thread
// share. node:net offers that (`onread`) for sockets that connect, but not for those that it accepts, so the
// thread takes the handles that the listener accepts and makes the sockets itself. That saves a fifth of the
// CPU time of a small answer: no buffer is made for each read, and no stream passes it on
// (docs/decisions/shared-read-buffer.md).
//
// `_handle` and the option `handle` are not documented. Where they are not as expected, sockets are used as
// Node makes them, and their transport listens to their "data".

import { type Server, Socket, type SocketConstructorOpts } from "node:net";
import { UNIX_PEER } from "../base/ip-address.ts";
import { NodeTransport } from "./node-transport.ts";
import type { SendMemory } from "./send-memory.ts";
import type { ArrivedClient } from "./transport.ts";

/** Enough for a request and those behind it; a larger read only makes room for abuse. */
const READ_BYTES_MAX = 64 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES_MAX);

/** What Node makes its sockets from. */
interface Handle {
  getpeername(into: { address?: string }): number;
  setNoDelay(isOn: boolean): void;
  close(): void;
  readonly useUserBuffer: unknown;
}

/**
 * Hands every client of a listening server to `accept`, in place of the event "connection".
 * @param server made with `pauseOnConnect`
 * @param sendMemory the thread's
 */
export function acceptClients(
  server: Server,
  sendMemory: SendMemory,
  accept: (client: ArrivedClient) => void,
): void {
  const listener = (server as unknown as { _handle?: { onconnection?: unknown } })._handle;
  if (typeof listener?.onconnection !== "function") {
    server.on("connection", (socket) => accept(fromSocket(socket, sendMemory)));
    return;
  }
  listener.onconnection = (error: number, handle: unknown) => {
    // The client left before it was accepted, or no descriptor is left: the next client may fare better.
    if (error !== 0) return;
    if (isHandle(handle)) {
      accept(new SharedBufferClient(handle, sendMemory));
    } else {
      const options = { handle, allowHalfOpen: true };
      const socket = new Socket(options as unknown as SocketConstructorOpts);
      accept(fromSocket(socket, sendMemory));
    }
  };
}

/** A client whose socket another thread has accepted. */
export function fromSocket(socket: Socket, sendMemory: SendMemory): ArrivedClient {
  const owner = socket as unknown as { _handle: unknown };
  const handle = owner._handle;
  if (isHandle(handle)) {
    owner._handle = null;
    return new SharedBufferClient(handle, sendMemory);
  }
  const { remoteAddress } = socket;
  return {
    address: remoteAddress === "" ? UNIX_PEER : remoteAddress,
    open: () => new NodeTransport(socket.resume(), sendMemory, "stream"),
    refuse: () => socket.destroy(),
  };
}

function isHandle(value: unknown): value is Handle {
  const handle = value as Partial<Record<keyof Handle, unknown>> | null | undefined;
  return (
    typeof handle?.getpeername === "function" &&
    typeof handle.setNoDelay === "function" &&
    typeof handle.close === "function" &&
    typeof handle.useUserBuffer === "function"
  );
}

class SharedBufferClient implements ArrivedClient {
  readonly address: string | undefined;
  readonly #handle: Handle;
  readonly #sendMemory: SendMemory;

  constructor(handle: Handle, sendMemory: SendMemory) {
    const peer: { address?: string } = {};
    handle.getpeername(peer);
    // A client of a Unix socket has an empty address.
    this.address = peer.address === "" ? UNIX_PEER : peer.address;
    this.#handle = handle;
    this.#sendMemory = sendMemory;
  }

  open(): NodeTransport {
    const handle = this.#handle;
    handle.setNoDelay(true);
    const callback = (lengthBytes: number): boolean => {
      transport.receiver.receive(readBuffer, lengthBytes);
      return true;
    };
    const options = { handle, allowHalfOpen: true, onread: { buffer: readBuffer, callback } };
    const stream = new Socket(options as unknown as SocketConstructorOpts);
    const transport = new NodeTransport(stream, this.#sendMemory, "calls");
    stream.resume();
    return transport;
  }

  refuse(): void {
    this.#handle.close();
  }
}
