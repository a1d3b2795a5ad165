// Readers of addresses as flags name them: blocks that are trusted or exempt (`10.0.0.0/8`, `local`), and the
// hosts and sockets to listen on. Pure; they throw UsageError with what is allowed, and refuse what could
// have two meanings.

import { resolve } from "node:path";
import {
  formatIpAddress,
  maskIpAddress,
  NAMED_BLOCKS as namedBlocks,
  parseIpAddress,
} from "../base/ip-address.ts";
import { parseHost } from "./quantity.ts";
import { UsageError } from "./usage-error.ts";

/** All addresses that share the first `prefixBits` bits with `address`. Plain, to be given to threads. */
export interface AddressBlock {
  /** Always in the same spelling; the bits after the prefix are zero. */
  readonly address: string;
  readonly family: "ipv4" | "ipv6" | "unix";
  readonly prefixBits: number;
}

/** The clients of Unix sockets, which have no addresses: base/ip-address.ts knows the word. */
const UNIX_PEERS: AddressBlock = Object.freeze({ address: "unix", family: "unix", prefixBits: 0 });

/** A large network of proxies has some twenty ranges. */
const BLOCKS_MAX = 1000;
const ALLOWED =
  "give addresses or blocks separated by commas, such as 10.0.0.0/8,127.0.0.1,fd00::/8, or local, or unix";
/** No leading zeros, no sign. */
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * The words `local`, `localhost` and `private` stand for blocks (base/ip-address.ts). Throws UsageError: for
 * anything else than addresses, blocks and words, for a block whose address has bits behind its prefix,
 * and for IPv4-mapped IPv6 addresses, which are IPv4 everywhere here.
 */
export function parseAddressBlocks(text: string): readonly AddressBlock[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > BLOCKS_MAX) throw new UsageError(`give at most ${BLOCKS_MAX} blocks`);
  const texts = parts.flatMap((part) => namedBlocks.get(part.toLowerCase()) ?? part);
  return Object.freeze(texts.map(parseBlock));
}

/**
 * The same for trusted proxies. `private` is refused: a client that connects from a trusted
 * address can claim to be anyone, and no network is all proxies.
 */
export function parseProxyBlocks(text: string): readonly AddressBlock[] {
  const words = text.split(",").map((part) => part.trim().toLowerCase());
  if (!words.includes("private")) return parseAddressBlocks(text);
  throw new UsageError(
    "name the proxies themselves, such as 10.0.0.5, or local for those on this machine: a client that connects from a trusted address can claim to be anyone",
  );
}

function parseBlock(text: string): AddressBlock {
  if (text.toLowerCase() === UNIX_PEERS.address) return UNIX_PEERS;
  const [addressText = "", bits, ...more] = text.split("/");
  const address = parseIpAddress(addressText);
  if (address === undefined || more.length > 0) throw new UsageError(ALLOWED);
  const { family } = address;
  if (family === "ipv4" && addressText.includes(":")) {
    throw new UsageError(`write IPv4 as such: ${formatIpAddress(address)}, not ${addressText}`);
  }
  const bitsMax = family === "ipv4" ? 32 : 128;
  const prefixBits = bits === undefined ? bitsMax : Number(bits);
  if (bits !== undefined && (!PREFIX.test(bits) || prefixBits > bitsMax)) {
    throw new UsageError(
      `give the prefix as a number from 0 to ${bitsMax}: ${addressText}/${bitsMax}`,
    );
  }
  const formatted = formatIpAddress(address);
  const first = formatIpAddress(maskIpAddress(address, prefixBits));
  if (formatted !== first) {
    throw new UsageError(
      `${text} has bits behind its prefix: write ${first}/${prefixBits} for the block, or ${formatted} for the address`,
    );
  }
  return Object.freeze({ address: first, family, prefixBits });
}

export type ListenHost =
  /** A numeric address, or a name that is looked up at the start. */
  | { readonly kind: "address"; readonly host: string }
  /** The absolute path of a Unix socket. */
  | { readonly kind: "unix"; readonly path: string };

/** Every server thread listens on each; a machine with more addresses takes them all without --host. */
const HOSTS_MAX = 32;
/** `sun_path` of unix(7) has 108 bytes on Linux and 104 elsewhere, the zero at the end among them. */
const SOCKET_PATH_BYTES_MAX = process.platform === "linux" ? 107 : 103;
const UNIX_PREFIX = /^unix:(?:\/\/(?=\/))?/i;

/**
 * @param text hosts separated by commas or line ends, each once
 * @param baseDir the absolute folder that a relative path of a socket starts from
 * @throws UsageError
 */
export function parseListenHosts(text: string, baseDir: string): readonly ListenHost[] {
  const parts = text.split(/[,\n]/).map((part) => part.trim());
  if (parts.length > HOSTS_MAX) throw new UsageError(`give at most ${HOSTS_MAX} hosts`);
  const hosts = new Map<string, ListenHost>();
  for (const part of parts) {
    const host = parseOne(part, baseDir);
    hosts.set(host.kind === "unix" ? `unix:${host.path}` : host.host.toLowerCase(), host);
  }
  return Object.freeze([...hosts.values()]);
}

function parseOne(text: string, baseDir: string): ListenHost {
  if (!UNIX_PREFIX.test(text)) return Object.freeze({ kind: "address", host: parseHost(text) });
  const given = text.replace(UNIX_PREFIX, "");
  if (process.platform === "win32") {
    throw new UsageError("this system has no Unix sockets that weir can serve on; give an address");
  }
  if (given === "" || given.endsWith("/") || given.includes("\0")) {
    throw new UsageError("give the path of a socket's file, such as unix:/run/weir.sock");
  }
  const path = resolve(baseDir, given);
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    throw new UsageError(
      `the path of a socket has at most ${SOCKET_PATH_BYTES_MAX} bytes, and this one has ${bytes}; give a shorter one, such as unix:/run/weir.sock`,
    );
  }
  return Object.freeze({ kind: "unix", path });
}
