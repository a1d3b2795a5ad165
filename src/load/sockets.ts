// The addresses that the load client connects to and from, and its sockets. A host name is looked up once
// for a whole run, because a run measures the server and not the name service. All sockets of a thread
// read into one buffer: the bytes of one are processed before those of the next arrive.

import { lookup } from "node:dns/promises";
import { connect, createServer, isIP, isIPv4, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Failure, readSystemError } from "./request-outcome.ts";

/** The form that goes from thread to thread. */
export interface TargetData {
  readonly kind: "resolved";
  readonly addresses: readonly string[];
  readonly port: number;
}

/**
 * The addresses of a host name. Remembers which of them answered: `localhost` may be ::1 first while the
 * server listens on 127.0.0.1 only.
 */
export class TargetAddress {
  readonly kind = "resolved";
  readonly port: number;
  #addresses: readonly string[];

  constructor(addresses: readonly string[], port: number) {
    this.#addresses = addresses;
    this.port = port;
  }

  /** The addresses of the family of `source`; first the one that answered last. May be empty. */
  candidates(source: string | undefined): readonly string[] {
    if (source === undefined) return this.#addresses;
    return this.#addresses.filter((address) => isIPv4(address) === isIPv4(source));
  }

  get data(): TargetData {
    return { kind: "resolved", addresses: this.#addresses, port: this.port };
  }

  /** A connection to `address` succeeded: from now on it is tried first. */
  confirm(address: string): void {
    if (this.#addresses[0] === address) return;
    this.#addresses = [address, ...this.#addresses.filter((other) => other !== address)];
  }
}

/** The addresses in the thread that received them. */
export function restoreTarget(target: TargetData | Failure): TargetAddress | Failure {
  return target.kind === "failed" ? target : new TargetAddress(target.addresses, target.port);
}

/** `host` is a name or an IP address without brackets. */
export async function resolveTarget(host: string, port: number): Promise<TargetAddress | Failure> {
  if (isIP(host) !== 0) return new TargetAddress([host], port);
  try {
    const found = await lookup(host, { all: true });
    return new TargetAddress([...new Set(found.map(({ address }) => address))], port);
  } catch (error) {
    return readSystemError(error as NodeJS.ErrnoException, undefined);
  }
}

/**
 * The first address that this machine cannot send from, or undefined. Asked once before a run, so that a
 * mistyped address gives one clear line and not a thousand failed requests. It asks the system and not
 * the list of interfaces: Linux can send from all of 127.0.0.0/8, which no interface lists.
 */
export async function findUnknownSource(sources: readonly string[]): Promise<string | undefined> {
  for (const source of sources) {
    if (!(await canBind(source))) return source;
  }
  return undefined;
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // The run itself meets and reports anything else, such as no free port or descriptor.
      resolve(error.code !== "EADDRNOTAVAIL" && error.code !== "EINVAL");
    });
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}

/** The size of one read; a loopback socket rarely holds more at once. */
const READ_BYTES_MAX = 64 * 1024;

export interface TlsOptions {
  /** The name that the certificate must have. */
  readonly host: string;
  /** Accepts any certificate. */
  readonly isInsecure: boolean;
}

export interface OpenOptions {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** The local address to send from; undefined lets the system choose. */
  readonly source: string | undefined;
}

/** `bytes` is valid until the call returns; the bytes after `length` are old. */
export type ReadListener = (bytes: Buffer, length: number) => void;

/** Opens the sockets of one thread, plain or with TLS, with one read buffer for all. */
export class SocketOpener {
  readonly #tls: TlsOptions | undefined;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES_MAX);

  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls;
  }

  /** The event after which the socket accepts requests. */
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
