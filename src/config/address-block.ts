// Blocks of addresses, as flags name them: `10.0.0.0/8`, `::1`, `fd00::/8`. Pure. What is inside a block
// is asked in limit/, with the parsed form from here.

import { isIP } from "node:net";
import { UsageError } from "./usage-error.ts";

/** All addresses that share the first `prefixBits` bits with `address`. Plain, so that threads can have it. */
export interface AddressBlock {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly prefixBits: number;
}

const ALLOWED =
  "give addresses or blocks separated by commas, such as 10.0.0.0/8,127.0.0.1,fd00::/8";

/** Throws UsageError. IPv4-mapped IPv6 addresses are refused: they are written as IPv4. */
export function parseAddressBlocks(text: string): readonly AddressBlock[] {
  return Object.freeze(text.split(",").map((part) => parseBlock(part.trim())));
}

function parseBlock(text: string): AddressBlock {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = address.includes("%") ? 0 : isIP(address);
  if (version === 0 || /^::ffff:.*\./i.test(address)) throw new UsageError(ALLOWED);
  const bitsMax = version === 4 ? 32 : 128;
  const prefixBits = bits === undefined ? bitsMax : Number(bits);
  if (prefixBits > bitsMax) throw new UsageError(ALLOWED);
  const family = version === 4 ? "ipv4" : "ipv6";
  return Object.freeze({ address: address.toLowerCase(), family, prefixBits });
}
