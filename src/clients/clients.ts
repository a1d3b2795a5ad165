// Who the clients of a server thread are: makes of an address, or of what a trusted proxy says, the
// one Client that the limit, the tallies and the log mean. One for each server thread; what it was
// asked lately is remembered, bounded. It decides who is believed, and reads nothing from a socket.

import {
  AddressSet,
  type BlockOfAddresses,
  formatIpAddress,
  type IpAddress,
  isLoopback,
  maskIpAddress,
  parseIpAddress,
  sharesPrefix,
  UNIX_PEER,
} from "../base/ip-address.ts";
import { RecentMap } from "../base/recent-map.ts";
import type { RequestHead } from "../http/request.ts";
import { hashKey, type KeyHash } from "../memory/shared-table.ts";
import type { ClientTallies, ClientTally } from "../metrics/client-tallies.ts";
import {
  findForwardedClient,
  type HopReader,
  readForwardedHop,
  readXForwardedForHop,
} from "./forwarded.ts";

/** Who a request counts for. */
export interface Client {
  /** As the limit and the dashboard name it: an IPv4 address, or the first bits of an IPv6 one. */
  readonly name: string;
  /** Of the name. */
  readonly key: KeyHash;
  /** As the access log shows it. */
  readonly address: string;
  readonly tally: ClientTally;
  /** Whether the limit does not hold it. */
  readonly isExempt: boolean;
  /** Whether it is believed when it says whose a request is. */
  readonly isTrustedProxy: boolean;
}

export interface ClientsOptions {
  readonly ipv6PrefixBits: number;
  readonly trustedProxies: readonly BlockOfAddresses[];
  readonly exempt: readonly BlockOfAddresses[];
  readonly hashSecret: Uint8Array;
  readonly tallies: ClientTallies;
  /** Told of each client before it is asked for anything. */
  readonly onNewClient?: ((key: KeyHash, name: string) => void) | undefined;
}

type Fields = RequestHead["fields"];

/** In each of two generations, as all of these. */
const ADDRESSES_MAX = 4096;
const TEXTS_MAX = 1024;
/** With the number above 2 MiB a thread for each of the two fields; longer ones are read every time. */
const TEXT_LENGTH_MAX = 512;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #trusted: AddressSet;
  readonly #exempt: AddressSet;
  readonly #known = new RecentMap<string, Client>(ADDRESSES_MAX);
  readonly #forwarded = new ForwardedTexts(readForwardedHop, (hop) => this.#isTrusted(hop));
  readonly #xForwardedFor = new ForwardedTexts(readXForwardedForHop, (hop) => this.#isTrusted(hop));

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#trusted = new AddressSet(options.trustedProxies);
    this.#exempt = new AddressSet(options.exempt);
  }

  /** Who has that address: a client that connects for each request is hashed once. */
  ofAddress(address: string): Client {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const { ipv6PrefixBits, hashSecret, tallies, onNewClient } = this.#options;
    const name = formatClientKey(address, ipv6PrefixBits);
    const key = hashKey(hashSecret, name);
    onNewClient?.(key, name);
    const parsed = parseIpAddress(address.split("%", 1)[0] as string);
    const client: Client = {
      name,
      key,
      address: parsed === undefined ? address : formatIpAddress(parsed),
      tally: tallies.open(name),
      isExempt: isAmong(this.#exempt, address, parsed),
      isTrustedProxy: isAmong(this.#trusted, address, parsed),
    };
    this.#known.set(address, client);
    return client;
  }

  /**
   * Whose a request is that came from a trusted proxy: as Forwarded says, or X-Forwarded-For. Proxies
   * write one of the two and most pass the other on as their client sent it. So where both are there
   * and do not name the same client, one of them is made up, and the request is somebody's behind the
   * proxy: else a client behind it could choose its limit anew with every request.
   */
  ofRequest(proxy: Client, fields: Fields): Client {
    const forwarded = fields.get("forwarded");
    const xForwardedFor = fields.get("x-forwarded-for");
    const one = forwarded === undefined ? undefined : this.#forwarded.read(forwarded);
    const other = xForwardedFor === undefined ? undefined : this.#xForwardedFor.read(xForwardedFor);
    const reading = one ?? other;
    if (reading === undefined) return proxy;
    if (other !== undefined && other.address !== reading.address) return somebodyBehind(proxy);
    const client = reading.address === undefined ? proxy : this.ofAddress(reading.address);
    const isNamed = reading.isNamed && other?.isNamed !== false;
    return isNamed ? client : somebodyBehind(client);
  }

  #isTrusted(address: IpAddress): boolean {
    return this.#trusted.has(address);
  }
}

function isAmong(set: AddressSet, address: string, parsed: IpAddress | undefined): boolean {
  return parsed === undefined ? address === UNIX_PEER && set.hasUnixPeers : set.has(parsed);
}

/**
 * Somebody whom a proxy does not name counts as the proxy, but is not it: what the proxy is exempt
 * from, whoever writes garbage is not.
 */
export function somebodyBehind(proxy: Client): Client {
  return proxy.isExempt ? { ...proxy, isExempt: false } : proxy;
}

/** The client's address in its one spelling; undefined: the proxy's. */
interface Reading {
  readonly address: string | undefined;
  /** False for somebody behind that address. */
  readonly isNamed: boolean;
}

/** What the texts of one field say, each read once while it keeps coming. */
class ForwardedTexts {
  readonly #readHop: HopReader;
  readonly #isTrusted: (address: IpAddress) => boolean;
  readonly #known = new RecentMap<string, Reading>(TEXTS_MAX);

  constructor(readHop: HopReader, isTrusted: (address: IpAddress) => boolean) {
    this.#readHop = readHop;
    this.#isTrusted = isTrusted;
  }

  read(text: string): Reading {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const { address, isNamed } = findForwardedClient(text, this.#readHop, this.#isTrusted);
    const reading = { address: address && formatIpAddress(address), isNamed };
    // A copy: as a part of its head the text would keep the whole of it.
    if (text.length <= TEXT_LENGTH_MAX) {
      this.#known.set(Buffer.from(text, "latin1").toString("latin1"), reading);
    }
    return reading;
  }
}

// Who a client is, as far as the limit goes: its address in one spelling. Pure; the server thread
// calls it once for each connection, or for each client that a proxy names, and hashes the result.

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
