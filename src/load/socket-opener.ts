// Opens the sockets of the load client, plain or with TLS, so that what comes is read into one buffer
// for all of them: a socket's bytes are looked at before the next socket's come. Used by
// pipelined-connection.ts.

import { connect, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";

/** What one read takes; a loopback socket rarely holds more at once. */
const readBytesMax = 64 * 1024;

export interface TlsOptions {
  /** The name that the certificate must be for. */
  readonly host: string;
  /** Takes any certificate. */
  readonly isInsecure: boolean;
}

export interface OpenOptions {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** The local address to send from; the system chooses when there is none. */
  readonly source: string | undefined;
}

/** `bytes` are good until the call returns; those behind `length` are old. */
export type ReadListener = (bytes: Buffer, length: number) => void;

export class SocketOpener {
  readonly #tls: TlsOptions | undefined;
  readonly #buffer = Buffer.allocUnsafe(readBytesMax);

  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls;
  }

  /** The event that tells that the socket takes requests. */
  get readyEvent(): "connect" | "secureConnect" {
    return this.#tls === undefined ? "connect" : "secureConnect";
  }

  open({ address, port, source }: OpenOptions, onRead: ReadListener): Socket {
    const buffer = this.#buffer;
    const options = {
      host: address,
      port,
      noDelay: true,
      ...(source === undefined ? {} : { localAddress: source }),
      onread: {
        buffer,
        callback(length: number): boolean {
          onRead(buffer, length);
          return true;
        },
      },
    } satisfies TcpNetConnectOpts;
    if (this.#tls === undefined) return connect(options);
    const { host, isInsecure } = this.#tls;
    return connectTls({
      ...options,
      // RFC 6066 §3: the server name is never an address.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: !isInsecure,
      ALPNProtocols: ["http/1.1"],
    });
  }
}
