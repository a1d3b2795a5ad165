// A connection's socket that reads into a buffer which all connections of a thread share. node:net
// offers that (`onread`) for sockets it connects, and not for those it accepts; so the accepted
// socket's handle gets another socket. It saves a fifth of the CPU time of a small answer: no buffer
// is made for each read, and no stream passes it on (docs/decisions/shared-read-buffer.md).
//
// `_handle` and the option `handle` are not documented. Where they are not as expected, the socket is
// used as it is, and its owner listens to its "data".

import { Socket, type SocketConstructorOpts } from "node:net";

/** What a request and those behind it take; a larger read only makes room for abuse. */
const READ_BYTES_MAX = 64 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES_MAX);

interface WithHandle {
  _handle?: { readonly reading?: boolean; readonly useUserBuffer?: unknown } | null;
}

/**
 * @param accepted was accepted with `pauseOnConnect`, and is not to be used any more
 * @param receive takes the first so many bytes of the buffer, which are lent for the call
 * @returns undefined where Node's sockets are made otherwise
 */
export function shareReadBuffer(
  accepted: Socket,
  receive: (bytes: Buffer, lengthBytes: number) => void,
): Socket | undefined {
  const handle = (accepted as unknown as WithHandle)._handle;
  if (typeof handle?.useUserBuffer !== "function") return undefined;
  (accepted as unknown as WithHandle)._handle = null;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: readBuffer,
      callback(lengthBytes: number): boolean {
        receive(readBuffer, lengthBytes);
        return true;
      },
    },
  };
  const socket = new Socket(options as unknown as SocketConstructorOpts);
  socket.resume();
  return socket;
}
