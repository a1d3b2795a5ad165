// Who a client is, as far as the limit goes: its address in one spelling. Pure; the server thread
// calls it once for each connection, or for each client that a proxy names, and hashes the result.

import {
  formatIpAddress,
  type IpAddress,
  isLoopback,
  maskIpAddress,
  parseIpAddress,
  sharesPrefix,
} from "../base/ip-address.ts";

const GROUP_BITS = 16;
const IPV6_GROUPS = 8;

/** All machines of one link have these first bits in common (RFC 4291 §2.5.6). */
const LINK_LOCAL: Prefix = [{ family: "ipv6", groups: [0xfe80, 0, 0, 0, 0, 0, 0, 0] }, 10];
/** A translator puts the IPv4 address of its client behind them (RFC 6052 §2.1). */
const TRANSLATED: Prefix = [{ family: "ipv6", groups: [0x64, 0xff9b, 0, 0, 0, 0, 0, 0] }, 96];

type Prefix = readonly [first: IpAddress, prefixBits: number];

/**
 * One spelling for one client: IPv4 as it is, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, any other
 * IPv6 by its first bits, because a single subscriber is given 2^64 addresses and could use them all.
 * An IPv6 address that is of no subscriber's network is a client of its own: this machine's `::1`, a
 * neighbour's on the same link, and an IPv4 client's behind a translator.
 * Zone identifiers (`%eth0`) do not count.
 * @param ipv6PrefixBits how many bits of IPv6 are one client, 1 to 128
 */
export function formatClientKey(address: string, ipv6PrefixBits = 64): string {
  const bare = address.split("%", 1)[0] as string;
  const parsed = parseIpAddress(bare);
  if (parsed === undefined) return bare;
  if (parsed.family === "ipv4" || isOneMachine(parsed)) return formatIpAddress(parsed);
  // Whole groups without shortening: what it says for a /64 stands in logs and stores.
  const groupCount = Math.ceil(ipv6PrefixBits / GROUP_BITS);
  const groups = maskIpAddress(parsed, ipv6PrefixBits).groups.slice(0, groupCount);
  const text = groups.map((group) => group.toString(16)).join(":");
  return `${text}${groupCount < IPV6_GROUPS ? "::" : ""}/${ipv6PrefixBits}`;
}

function isOneMachine(address: IpAddress): boolean {
  if (isLoopback(address)) return true;
  return [LINK_LOCAL, TRANSLATED].some(([first, bits]) => sharesPrefix(address, first, bits));
}
