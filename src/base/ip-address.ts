// IP addresses as numbers: they are read strictly, written in one spelling, and compared by their first
// bits. Pure. Used wherever an address from outside decides something: the client of a request, trusted
// proxies, the PROXY protocol. A text that is no address becomes undefined and is never repaired.

/** IPv4-mapped IPv6 addresses (RFC 4291 §2.5.5.2) are IPv4 here: they are the same machine. */
export interface IpAddress {
  readonly family: "ipv4" | "ipv6";
  /** 16 bits each, in the order in which they are written: two for IPv4, eight for IPv6. */
  readonly groups: readonly number[];
}

/** The name of every client that comes over a Unix socket, which has no address. */
export const UNIX_PEER = "unix";

/** The longest text of an IPv6 address, with IPv4 at its end. */
const TEXT_LENGTH_MAX = 45;
const IPV6_GROUPS = 8;
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0xffff];
const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const IPV6_GROUP = /^[0-9a-f]{1,4}$/i;

/** Undefined for any other text, also with a zone identifier (`%eth0`) or leading zeros in IPv4. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  if (text.includes(":")) return parseIpv6(text);
  const groups = parseIpv4Groups(text);
  return groups && { family: "ipv4", groups };
}

/** @param groups eight, of 16 bits each */
export function ipv6FromGroups(groups: readonly number[]): IpAddress {
  const isMapped = MAPPED_PREFIX.every((group, index) => groups[index] === group);
  if (isMapped) return { family: "ipv4", groups: groups.slice(MAPPED_PREFIX.length) };
  return { family: "ipv6", groups };
}

function parseIpv4Groups(text: string): readonly number[] | undefined {
  const [, a, b, c, d] = IPV4.exec(text)?.map(Number) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (Math.max(a, b, c, d) > 255) return undefined;
  return [a * 256 + b, c * 256 + d];
}

/** RFC 4291 §2.2: eight groups, of which one `::` may replace some that are zero. */
function parseIpv6(text: string): IpAddress | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = parseGroups(head, tail === undefined);
  const after = tail === undefined ? [] : parseGroups(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const zeroCount = IPV6_GROUPS - before.length - after.length;
  if (tail === undefined ? zeroCount !== 0 : zeroCount < 1) return undefined;
  return ipv6FromGroups([...before, ...Array<number>(zeroCount).fill(0), ...after]);
}

/** @param isEnd whether the last part may be an IPv4 address, which is two groups */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (IPV6_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = isEnd && index === parts.length - 1 ? parseIpv4Groups(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(...ipv4);
  }
  return groups;
}

/** The spelling that RFC 5952 §4 recommends, which is that of the system's own `inet_ntop`. */
export function formatIpAddress({ family, groups }: IpAddress): string {
  if (family === "ipv4") {
    const [first = 0, second = 0] = groups;
    return `${first >> 8}.${first & 255}.${second >> 8}.${second & 255}`;
  }
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  }
  return longest;
}

/** The address with all bits after the first `prefixBits` set to 0. */
export function maskIpAddress(address: IpAddress, prefixBits: number): IpAddress {
  const { family, groups } = address;
  return { family, groups: groups.map((group, index) => group & groupMask(prefixBits, index)) };
}

/** Whether the first `prefixBits` of both are the same. */
export function sharesPrefix(one: IpAddress, other: IpAddress, prefixBits: number): boolean {
  if (one.family !== other.family) return false;
  return one.groups.every(
    (group, index) => ((group ^ (other.groups[index] ?? 0)) & groupMask(prefixBits, index)) === 0,
  );
}

function groupMask(prefixBits: number, index: number): number {
  const bits = Math.min(16, Math.max(0, prefixBits - 16 * index));
  return (0xffff << (16 - bits)) & 0xffff;
}

const LOOPBACK_IPV4: IpAddress = { family: "ipv4", groups: [0x7f00, 0] };
const LOOPBACK_IPV6: IpAddress = { family: "ipv6", groups: [0, 0, 0, 0, 0, 0, 0, 1] };

/** Whether the address always means this machine: 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1. */
export function isLoopback(address: IpAddress): boolean {
  return sharesPrefix(address, LOOPBACK_IPV4, 8) || sharesPrefix(address, LOOPBACK_IPV6, 128);
}

/** One block of addresses in words, as config/addresses.ts checks it. */
export interface BlockOfAddresses {
  readonly address: string;
  readonly prefixBits: number;
}

interface Block {
  readonly first: IpAddress;
  readonly prefixBits: number;
}

/**
 * Some blocks of addresses: the trusted proxies, or the clients to which the limit does not apply. A
 * look-up is a binary search, because strangers choose the addresses, by the hops in a forwarded field.
 */
export class AddressSet {
  /** Whether the clients of Unix sockets belong to the set. */
  readonly hasUnixPeers: boolean;
  /** In the order of their first addresses. No block lies in another. */
  readonly #blocks: Readonly<Record<IpAddress["family"], readonly Block[]>>;

  constructor(blocks: readonly BlockOfAddresses[]) {
    this.hasUnixPeers = blocks.some(({ address }) => address === UNIX_PEER);
    const addresses = blocks.filter(({ address }) => address !== UNIX_PEER);
    const parsed = addresses.map(({ address, prefixBits }) => {
      const first = parseIpAddress(address);
      if (first === undefined) throw new Error(`not an address: ${address}`);
      return { first, prefixBits };
    });
    this.#blocks = { ipv4: sortOut(parsed, "ipv4"), ipv6: sortOut(parsed, "ipv6") };
  }

  /** Whether the set has the address. It has no undefined one, which stands for a text that is none. */
  has(address: IpAddress | undefined): boolean {
    if (address === undefined) return false;
    const blocks = this.#blocks[address.family];
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareAddresses((blocks[middle] as Block).first, address) <= 0) low = middle + 1;
      else high = middle;
    }
    // The last block that begins at the address or before it: no other can contain the address.
    const block = blocks[low - 1];
    return block !== undefined && sharesPrefix(block.first, address, block.prefixBits);
  }
}

/** Two blocks never overlap in part. A block that lies in another adds nothing and is left out. */
function sortOut(blocks: readonly Block[], family: IpAddress["family"]): readonly Block[] {
  const sorted = blocks
    .filter(({ first }) => first.family === family)
    .sort((a, b) => compareAddresses(a.first, b.first) || a.prefixBits - b.prefixBits);
  const apart: Block[] = [];
  for (const block of sorted) {
    const before = apart.at(-1);
    if (before === undefined || !sharesPrefix(before.first, block.first, before.prefixBits)) {
      apart.push(block);
    }
  }
  return apart;
}

/** Both have the same family. */
function compareAddresses(one: IpAddress, other: IpAddress): number {
  const index = one.groups.findIndex((group, at) => group !== other.groups[at]);
  return index < 0 ? 0 : (one.groups[index] as number) - (other.groups[index] as number);
}

/** This machine. A browser or a proxy on it may use either of the two. */
const LOCAL = ["127.0.0.0/8", "::1/128"] as const;

/** RFC 1918, RFC 4193, and the addresses that machines of one link give themselves (RFC 3927, RFC 4291 §2.5.6). */
const PRIVATE_NETWORKS = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "169.254.0.0/16",
  "fe80::/10",
] as const;

/** The blocks for which a word stands in flags, by that word in lower case. People type `localhost` for `local`. */
export const NAMED_BLOCKS: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ["local", LOCAL],
  ["localhost", LOCAL],
  ["private", PRIVATE_NETWORKS],
]);
