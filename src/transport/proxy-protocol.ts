// The PROXY protocol, versions 1 (text) and 2 (binary), after HAProxy's specification
// "proxy-protocol.txt": the header with which a proxy begins a connection to say whose it is. ProxiedStart
// waits for it and then makes way for the engine; parseProxyHeader reads it. Both are strict: a header is
// wrong at its first byte that cannot belong to one. serve/thread-connections.ts decides who may send one.

import { formatIpAddress, ipv6FromGroups, parseIpAddress } from "../base/ip-address.ts";
import { InputBuffer } from "./input-buffer.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

export interface ProxiedStartOptions {
  readonly transport: Transport;
  readonly limits: {
    /** How long the proxy has for its header. */
    readonly headTimeoutMs: number;
    /** How long it has once the server drains. */
    readonly drainGraceMs: number;
  };
  readonly monotonicMs: () => number;
  /**
   * Called once, when the header has said whose connection it is, or the connection does not begin with one.
   * It gives the transport its next receiver.
   */
  readonly onHeader: (client: ProxiedClient | "wrong") => void;
  /** Called once instead, if the connection ends before that. */
  readonly onClosed: () => void;
}

/**
 * The beginning of a connection that a trusted proxy must begin with a header. It receives until the header is
 * whole, from however few bytes at a time, and then makes way for another receiver, with what came behind the
 * header. It keeps a few kilobytes at most, no longer than a head may take, and answers nothing itself.
 */
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

  /** Called a few times a second: ends the connection of a proxy that says nothing. */
  checkDeadline(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) this.#transport.destroy();
  }

  /** A connection that was on its way is still handed on. Its next owner drains it. */
  drain(): void {
    this.#deadlineMs = this.#options.monotonicMs() + this.#options.limits.drainGraceMs;
  }

  receive(bytes: Buffer, lengthBytes: number): void {
    const isFirst = this.#received.length === 0;
    if (!isFirst) this.#received.append(bytes, 0, lengthBytes);
    const here = isFirst ? bytes.subarray(0, lengthBytes) : this.#received.bytes;
    const outcome = parseProxyHeader(here);
    if (outcome.kind === "incomplete") {
      // The parser bounds its length: it calls a header that is too long wrong.
      if (isFirst) this.#received.append(bytes, 0, lengthBytes);
      return;
    }
    this.#received.clear();
    this.#options.onHeader(outcome.kind === "header" ? outcome.client : "wrong");
    // A connection that does not begin with a header is not read as a request either.
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

/** Who is at the other end of the proxy. */
export type ProxiedClient =
  | { readonly kind: "address"; readonly address: string }
  /** The proxy itself, which checks whether we are there (version 2, LOCAL). */
  | { readonly kind: "proxy" }
  /** A client whose address the proxy does not know or does not say (UNKNOWN, UNSPEC). */
  | { readonly kind: "unknown" };

export type ProxyHeaderOutcome =
  | { readonly kind: "incomplete" }
  | { readonly kind: "wrong" }
  | { readonly kind: "header"; readonly client: ProxiedClient; readonly endOffset: number };

/** Section 2.1: with its CRLF. */
const TEXT_BYTES_MAX = 107;
/**
 * Section 2 promises 536 bytes for addresses, and allows up to 65,535 with what follows them. Client
 * certificates do not belong here, and everything else in use fits into a few kilobytes.
 */
export const PROXY_HEADER_BYTES_MAX = 4096;

const INCOMPLETE: ProxyHeaderOutcome = { kind: "incomplete" };
const WRONG: ProxyHeaderOutcome = { kind: "wrong" };
const TEXT_START = Buffer.from("PROXY ", "latin1");
/** Section 2.2: CRLF CRLF NUL CRLF "QUIT" LF. */
const BINARY_START = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Signature, version and command, family, length. */
const FIXED_BYTES = 16;
const VERSION = 0x2;
const LOCAL = 0x0;
const PROXY = 0x1;
const UNSPEC = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;
const LF = 0x0a;
const CR = 0x0d;
const PORT = /^(?:0|[1-9]\d{0,4})$/;
const PORT_MAX = 65_535;

/** @param bytes everything that the connection has sent so far, perhaps more than the header */
export function parseProxyHeader(bytes: Buffer): ProxyHeaderOutcome {
  if (startsAlike(bytes, TEXT_START)) return parseTextHeader(bytes);
  if (startsAlike(bytes, BINARY_START)) return parseBinaryHeader(bytes);
  return WRONG;
}

/** Compares as many bytes as both have. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const lengthBytes = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, lengthBytes, 0, lengthBytes) === 0;
}

function parseTextHeader(bytes: Buffer): ProxyHeaderOutcome {
  const lengthBytes = Math.min(bytes.length, TEXT_BYTES_MAX);
  for (let at = 0; at < lengthBytes; at++) {
    const byte = bytes[at];
    if (byte === LF) return WRONG;
    if (byte !== CR) continue;
    // A CR that is the last byte so far is looked at again when the next byte has come.
    if (at + 1 === bytes.length) break;
    if (at + 1 === lengthBytes || bytes[at + 1] !== LF) return WRONG;
    const client = parseTextLine(bytes.toString("latin1", 0, at));
    return client === undefined ? WRONG : { kind: "header", client, endOffset: at + 2 };
  }
  return bytes.length < TEXT_BYTES_MAX ? INCOMPLETE : WRONG;
}

/** Section 2.1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`, each separated by one space. */
function parseTextLine(line: string): ProxiedClient | undefined {
  const [, family, source = "", target = "", sourcePort = "", targetPort = "", ...more] =
    line.split(" ");
  // The rest of the line has no meaning.
  if (family === "UNKNOWN") return { kind: "unknown" };
  if (family !== "TCP4" && family !== "TCP6") return undefined;
  if (more.length > 0 || !isPort(sourcePort) || !isPort(targetPort)) return undefined;
  const isOfFamily = (text: string) => text.includes(":") === (family === "TCP6");
  const address = parseIpAddress(source);
  if (address === undefined || parseIpAddress(target) === undefined) return undefined;
  if (!isOfFamily(source) || !isOfFamily(target)) return undefined;
  return { kind: "address", address: formatIpAddress(address) };
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= PORT_MAX;
}

/** Section 2.2. What follows the addresses (type, length, value) is skipped. */
function parseBinaryHeader(bytes: Buffer): ProxyHeaderOutcome {
  if (bytes.length < FIXED_BYTES) return isBinaryStart(bytes) ? INCOMPLETE : WRONG;
  const endOffset = FIXED_BYTES + bytes.readUInt16BE(14);
  if (!isBinaryStart(bytes) || endOffset > PROXY_HEADER_BYTES_MAX) return WRONG;
  const isLocal = bytes.readUInt8(12) % 16 === LOCAL;
  const family = bytes.readUInt8(13);
  if (!isLocal && endOffset < FIXED_BYTES + addressBytes(family)) return WRONG;
  if (bytes.length < endOffset) return INCOMPLETE;
  const client = isLocal ? ({ kind: "proxy" } as const) : readBinaryClient(bytes, family);
  return { kind: "header", client, endOffset };
}

/**
 * Checks the version, the command and, for a client's connection, the family, as far as they have arrived.
 * Datagrams and Unix sockets are not accepted as families: a proxy that has such a client sends UNSPEC.
 */
function isBinaryStart(bytes: Buffer): boolean {
  const command = bytes[12];
  if (command === undefined) return true;
  if (command >> 4 !== VERSION) return false;
  if (command % 16 === LOCAL) return true;
  const family = bytes[13];
  return command % 16 === PROXY && (family === undefined || addressBytes(family) >= 0);
}

/** Two addresses and two ports; -1 for a family that is not accepted. */
function addressBytes(family: number): number {
  if (family === TCP4) return 12;
  if (family === TCP6) return 36;
  return family === UNSPEC ? 0 : -1;
}

function readBinaryClient(bytes: Buffer, family: number): ProxiedClient {
  if (family === UNSPEC) return { kind: "unknown" };
  const groupAt = (index: number) => bytes.readUInt16BE(FIXED_BYTES + 2 * index);
  const address =
    family === TCP4
      ? { family: "ipv4" as const, groups: [groupAt(0), groupAt(1)] }
      : ipv6FromGroups(Array.from({ length: 8 }, (_, index) => groupAt(index)));
  return { kind: "address", address: formatIpAddress(address) };
}
