// Blocks of addresses, as flags name them: `10.0.0.0/8`, `::1`, `fd00::/8`, `local`. Pure. Used by the
// flags that trust or exempt somebody, so what could be meant in two ways is refused. What is inside a
// block is asked in limit/, with the parsed form from here.

import { formatIpAddress, maskIpAddress, parseIpAddress } from "../base/ip-address.ts";
import { namedBlocks } from "./named-blocks.ts";
import { UsageError } from "./usage-error.ts";

/** All addresses that share the first `prefixBits` bits with `address`. Plain, so that threads can have it. */
export interface AddressBlock {
  /** In one spelling; the bits behind the prefix are zero. */
  readonly address: string;
  readonly family: "ipv4" | "ipv6" | "unix";
  readonly prefixBits: number;
}

/** The clients of Unix sockets, which have no addresses: limit/address-set.ts knows the word. */
const UNIX_PEERS: AddressBlock = Object.freeze({ address: "unix", family: "unix", prefixBits: 0 });

/** All the ranges of a large network of proxies are some twenty. */
const BLOCKS_MAX = 1000;
const ALLOWED =
  "give addresses or blocks separated by commas, such as 10.0.0.0/8,127.0.0.1,fd00::/8, or local, or unix";
/** No leading zeros, no sign. */
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * The words `local`, `localhost` and `private` stand for blocks (named-blocks.ts). Throws UsageError: for
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
 * The same for proxies that are believed. `private` is refused: a client that connects from a trusted
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
