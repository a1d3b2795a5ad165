// How a server thread gets the sockets of its clients: each reads into one buffer that all connections
// of the thread share. node:net offers that (`onread`) for sockets it connects, and not for those it
// accepts; so the thread takes the handles that the listener accepts and makes the sockets itself. It
// saves a fifth of the CPU time of a small answer: no buffer is made for each read, and no stream
// passes it on (docs/decisions/shared-read-buffer.md).
//
// `_handle` and the option `handle` are not documented. Where they are not as expected, sockets are
// used as they come, and their connection listens to its "data".

import { type Server, Socket, type SocketConstructorOpts } from "node:net";
import { UNIX_PEER } from "../limit/address-set.ts";

/** What a request and those behind it take; a larger read only makes room for abuse. */
const READ_BYTES_MAX = 64 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES_MAX);

/** What Node's sockets are made over. */
interface Handle {
  getpeername(into: { address?: string }): number;
  setNoDelay(isOn: boolean): void;
  close(): void;
  readonly useUserBuffer: unknown;
}

/** A client that has connected, and of whom nothing has been read. */
export interface ClientSocket {
  /** UNIX_PEER for a client of a Unix socket; undefined when the client has gone again. */
  readonly address: string | undefined;
  /**
   * The stream of the connection. Once.
   * @param receive takes the first so many bytes of a buffer that is lent for the call; never called
   *   where `input` is "stream"
   */
  open(receive: (bytes: Buffer, lengthBytes: number) => void): {
    readonly stream: Socket;
    readonly input: "calls" | "stream";
  };
  /** Instead of `open`. */
  refuse(): void;
}

/**
 * Hands every client of a listening server to `accept`, which is its listener for "connection" too.
 * @param server made with `pauseOnConnect`
 */
export function acceptClients(server: Server, accept: (client: ClientSocket) => void): void {
  const listener = (server as unknown as { _handle?: { onconnection?: unknown } })._handle;
  if (typeof listener?.onconnection === "function") {
    listener.onconnection = (error: number, handle: unknown) => {
      // A client that went before it was accepted, or no descriptor left: the next one may do better.
      if (error !== 0) return;
      if (isHandle(handle)) accept(new SharedBufferSocket(handle));
      else accept(fromSocket(new Socket({ handle } as unknown as SocketConstructorOpts)));
    };
  } else {
    server.on("connection", (socket) => accept(fromSocket(socket)));
  }
}

/** The same for a socket that somebody else has accepted. */
export function fromSocket(socket: Socket): ClientSocket {
  const owner = socket as unknown as { _handle: unknown };
  const handle = owner._handle;
  if (isHandle(handle)) {
    owner._handle = null;
    return new SharedBufferSocket(handle);
  }
  return {
    address: nameOfPeer(socket.remoteAddress),
    open: () => ({ stream: socket.resume(), input: "stream" }),
    refuse: () => socket.destroy(),
  };
}

/** A client of a Unix socket has an empty address. */
function nameOfPeer(address: string | undefined): string | undefined {
  return address === "" ? UNIX_PEER : address;
}

function isHandle(value: unknown): value is Handle {
  const handle = value as Partial<Record<keyof Handle, unknown>> | null | undefined;
  const names = ["getpeername", "setNoDelay", "close", "useUserBuffer"] as const;
  return names.every((name) => typeof handle?.[name] === "function");
}

class SharedBufferSocket implements ClientSocket {
  readonly address: string | undefined;
  private readonly handle: Handle;

  constructor(handle: Handle) {
    const peer: { address?: string } = {};
    handle.getpeername(peer);
    this.address = nameOfPeer(peer.address);
    this.handle = handle;
  }

  open(receive: (bytes: Buffer, lengthBytes: number) => void) {
    const { handle } = this;
    handle.setNoDelay(true);
    const callback = (lengthBytes: number): boolean => {
      receive(readBuffer, lengthBytes);
      return true;
    };
    const options = { handle, allowHalfOpen: true, onread: { buffer: readBuffer, callback } };
    const stream = new Socket(options as unknown as SocketConstructorOpts);
    stream.resume();
    return { stream, input: "calls" } as const;
  }

  refuse(): void {
    this.handle.close();
  }
}
