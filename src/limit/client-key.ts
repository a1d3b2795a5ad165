// Who a client is, as far as the limit goes: its address in one spelling. Pure; the server thread
// calls it once for each connection and hashes the result.

const MAPPED_PREFIX = "::ffff:";

/**
 * One spelling for one client: IPv4 as it is, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, any other
 * IPv6 by its /64, because a single subscriber is given 2^64 addresses and could use them all.
 * Zone identifiers (`%eth0`) do not count.
 */
export function formatClientKey(address: string): string {
  const bare = address.split("%", 1)[0] as string;
  if (!bare.includes(":")) return bare;
  if (bare.toLowerCase().startsWith(MAPPED_PREFIX) && bare.includes(".")) {
    return bare.slice(MAPPED_PREFIX.length);
  }
  return `${expandGroups(bare).slice(0, 4).join(":")}::/64`;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), without leading zeros. */
function expandGroups(address: string): string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill("0"), ...after];
  return groups.map((group) => group.replace(/^0+(?=.)/, ""));
}
