// IP addresses as numbers: read strictly, written in one spelling, compared by their first bits. Pure.
// Used wherever an address from outside decides something: the client of a request, trusted proxies,
// the PROXY protocol. What cannot be read is undefined, never repaired.

/** IPv4-mapped IPv6 addresses (RFC 4291 §2.5.5.2) are IPv4 here: they are the same machine. */
export interface IpAddress {
  readonly family: "ipv4" | "ipv6";
  /** 16 bits each, the first one first: two of IPv4, eight of IPv6. */
  readonly groups: readonly number[];
}

/** What stands for the address of a client that came over a Unix socket: it has none. */
export const UNIX_PEER = "unix";

/** The longest text of an IPv6 address, with IPv4 at its end. */
const TEXT_LENGTH_MAX = 45;
const IPV6_GROUPS = 8;
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0xffff];
const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const IPV6_GROUP = /^[0-9a-f]{1,4}$/i;

/** undefined for anything else, zone identifiers (`%eth0`) and leading zeros of IPv4 among it. */
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

/** RFC 4291 §2.2: eight groups, of which `::` stands once for some that are zero. */
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

/** @param isEnd whether the last of them may be an IPv4 address, which is two groups */
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

/** The one spelling that RFC 5952 §4 recommends, as the system's own `inet_ntop` gives it. */
export function formatIpAddress({ family, groups }: IpAddress): string {
  if (family === "ipv4") {
    return groups.map((group) => `${group >> 8}.${group & 255}`).join(".");
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

/** The address with every bit behind the first `prefixBits` taken out. */
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

/** Whether only this machine itself has the address: 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1. */
export function isLoopback(address: IpAddress): boolean {
  return sharesPrefix(address, LOOPBACK_IPV4, 8) || sharesPrefix(address, LOOPBACK_IPV6, 128);
}

// Whether an address is in one of some blocks: trusted proxies, clients that the limit does not hold.
// Made once in each server thread, from what config/addresses.ts has checked. A look-up halves the
// blocks again and again: strangers choose the addresses, by the hop in a forwarded field.

/** As config/addresses.ts makes them. */
export interface BlockOfAddresses {
  readonly address: string;
  readonly prefixBits: number;
}

interface Block {
  readonly first: IpAddress;
  readonly prefixBits: number;
}

export class AddressSet {
  /** Whether the clients of Unix sockets are among them. */
  readonly hasUnixPeers: boolean;
  /** In the order of their first addresses; none lies in another. */
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

  has(address: IpAddress): boolean {
    const blocks = this.#blocks[address.family];
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareAddresses((blocks[middle] as Block).first, address) <= 0) low = middle + 1;
      else high = middle;
    }
    // The last that begins at the address or before it: no other can hold it.
    const block = blocks[low - 1];
    return block !== undefined && sharesPrefix(block.first, address, block.prefixBits);
  }
}

/** Two blocks lie one in the other or apart: those that lie in another say nothing more. */
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

/** Of one family. */
function compareAddresses(one: IpAddress, other: IpAddress): number {
  const index = one.groups.findIndex((group, at) => group !== other.groups[at]);
  return index < 0 ? 0 : (one.groups[index] as number) - (other.groups[index] as number);
}

// The words that stand for blocks of addresses in flags. As data; read by config/addresses.ts.

/** This machine: a browser on it may come as either, and a proxy on it too. */
const LOCAL = ["127.0.0.0/8", "::1/128"] as const;

/** RFC 1918, RFC 4193, and what machines of one link give themselves (RFC 3927, RFC 4291 §2.5.6). */
const PRIVATE_NETWORKS = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "169.254.0.0/16",
  "fe80::/10",
] as const;

/** By the words in lower case. `localhost` is the name of `local` that people type. */
export const NAMED_BLOCKS: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ["local", LOCAL],
  ["localhost", LOCAL],
  ["private", PRIVATE_NETWORKS],
]);
