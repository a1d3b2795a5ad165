// Blocks of addresses, as flags name them: `10.0.0.0/8`, `::1`, `fd00::/8`. Pure. Used by the flags
// that trust or exempt somebody, so what could be meant in two ways is refused. What is inside a block
// is asked in limit/, with the parsed form from here.

import { formatIpAddress, maskIpAddress, parseIpAddress } from "../base/ip-address.ts";
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
  "give addresses or blocks separated by commas, such as 10.0.0.0/8,127.0.0.1,fd00::/8, or unix";
/** No leading zeros, no sign. */
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * Throws UsageError: for anything else than addresses and blocks, for a block whose address has bits
 * behind its prefix, and for IPv4-mapped IPv6 addresses, which are IPv4 everywhere here.
 */
export function parseAddressBlocks(text: string): readonly AddressBlock[] {
  const parts = text.split(",");
  if (parts.length > BLOCKS_MAX) throw new UsageError(`give at most ${BLOCKS_MAX} blocks`);
  return Object.freeze(parts.map((part) => parseBlock(part.trim())));
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
  if (bits !== undefined && !PREFIX.test(bits)) throw new UsageError(ALLOWED);
  const prefixBits = bits === undefined ? bitsMax : Number(bits);
  if (prefixBits > bitsMax) throw new UsageError(ALLOWED);
  const formatted = formatIpAddress(address);
  const first = formatIpAddress(maskIpAddress(address, prefixBits));
  if (formatted !== first) {
    throw new UsageError(
      `${text} has bits behind its prefix: write ${first}/${prefixBits} for the block, or ${formatted} for the address`,
    );
  }
  return Object.freeze({ address: first, family, prefixBits });
}
