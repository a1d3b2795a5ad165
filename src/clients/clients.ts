// Who is the client? From the address of a connection, or from what a trusted proxy says (forwarded.ts),
// this makes the one Client that the limit, the tallies and the log mean. Each server thread has one
// Clients, which remembers a bounded number of recent answers. It decides which proxies are believed, and
// reads nothing from a socket.

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

/** The client for which a request counts. */
export interface Client {
  /** Its name in the limit and the dashboard: an IPv4 address, or the first bits of an IPv6 address. */
  readonly name: string;
  /** The hash of the name. */
  readonly key: KeyHash;
  /** Its address in the access log. */
  readonly address: string;
  readonly tally: ClientTally;
  /** Whether the limit does not apply to it. */
  readonly isExempt: boolean;
  /** Whether the server believes it when it names another client. */
  readonly isTrustedProxy: boolean;
}

export interface ClientsOptions {
  readonly ipv6PrefixBits: number;
  readonly trustedProxies: readonly BlockOfAddresses[];
  readonly exempt: readonly BlockOfAddresses[];
  readonly hashSecret: Uint8Array;
  readonly tallies: ClientTallies;
  /** Called with each new client before the limiter is asked about it. */
  readonly onNewClient?: ((key: KeyHash, name: string) => void) | undefined;
}

type Fields = RequestHead["fields"];

/** Each of the two generations of a RecentMap holds so many. */
const ADDRESSES_MAX = 4096;
const TEXTS_MAX = 1024;
/** 2 × 1,024 texts of this length are 1 MiB in each thread, for each of the two fields. Longer ones are read every time. */
const TEXT_LENGTH_MAX = 512;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #trusted: AddressSet;
  readonly #exempt: AddressSet;
  readonly #known = new RecentMap<string, Client>(ADDRESSES_MAX);
  readonly #forwarded = new ForwardedTexts(readForwardedHop, (hop) => this.#trusted.has(hop));
  readonly #xForwardedFor = new ForwardedTexts(readXForwardedForHop, (hop) =>
    this.#trusted.has(hop),
  );

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#trusted = new AddressSet(options.trustedProxies);
    this.#exempt = new AddressSet(options.exempt);
  }

  /** The client that has this address. It is hashed once, even if it connects anew for each request. */
  ofAddress(address: string): Client {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const { ipv6PrefixBits, hashSecret, tallies, onNewClient } = this.#options;
    const isUnixPeer = address === UNIX_PEER;
    // A zone identifier (`%eth0`) is no part of the address.
    const parsed = parseIpAddress(address.split("%", 1)[0] as string);
    const name = parsed === undefined ? address : formatClientName(parsed, ipv6PrefixBits);
    const key = hashKey(hashSecret, name);
    onNewClient?.(key, name);
    const client: Client = {
      name,
      key,
      address: parsed === undefined ? address : formatIpAddress(parsed),
      tally: tallies.open(name),
      isExempt: isUnixPeer ? this.#exempt.hasUnixPeers : this.#exempt.has(parsed),
      isTrustedProxy: isUnixPeer ? this.#trusted.hasUnixPeers : this.#trusted.has(parsed),
    };
    this.#known.set(address, client);
    return client;
  }

  /**
   * The client of a request that came from a trusted proxy, as Forwarded or X-Forwarded-For names it. A
   * proxy writes one of the two, and most proxies pass the other on as their client sent it. So when both
   * are there and name different clients, one of them is made up, and the request counts for somebody
   * behind the proxy. Otherwise a client behind it could choose a new limit with every request.
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
}

/**
 * A client that a proxy does not name counts as the proxy, but is not exempt as the proxy may be: any
 * client behind it can write garbage.
 */
export function somebodyBehind(proxy: Client): Client {
  return proxy.isExempt ? { ...proxy, isExempt: false } : proxy;
}

interface Reading {
  /** The client's address in its one spelling; undefined for the proxy itself. */
  readonly address: string | undefined;
  /** False for a client behind that address that is not named. */
  readonly isNamed: boolean;
}

/** What the texts of one field say. A text that keeps coming is read once. */
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
    // A copy, because a part of the request head would keep the whole head in memory.
    if (text.length <= TEXT_LENGTH_MAX) {
      this.#known.set(Buffer.from(text, "latin1").toString("latin1"), reading);
    }
    return reading;
  }
}

const GROUP_BITS = 16;
const IPV6_GROUPS = 8;

/** All machines of one link have these first bits in common (RFC 4291 §2.5.6). */
const LINK_LOCAL: Prefix = [{ family: "ipv6", groups: [0xfe80, 0, 0, 0, 0, 0, 0, 0] }, 10];
/** A translator puts the IPv4 address of its client behind these bits (RFC 6052 §2.1). */
const TRANSLATED: Prefix = [{ family: "ipv6", groups: [0x64, 0xff9b, 0, 0, 0, 0, 0, 0] }, 96];

type Prefix = readonly [first: IpAddress, prefixBits: number];

/**
 * The name of a client. An IPv4 address is one client. An IPv6 address is named by its first bits, because
 * a single subscriber is given 2^64 addresses and could use them all. An IPv6 address that belongs to no
 * subscriber's network is one client: this machine's `::1`, a neighbour on the same link, and an IPv4
 * client behind a translator.
 * @param ipv6PrefixBits how many bits of IPv6 name a client, 1 to 128
 */
function formatClientName(address: IpAddress, ipv6PrefixBits: number): string {
  if (address.family === "ipv4" || isOneMachine(address)) return formatIpAddress(address);
  // Whole groups, not shortened as RFC 5952 does: logs and stores already contain names of this form.
  const groupCount = Math.ceil(ipv6PrefixBits / GROUP_BITS);
  const groups = maskIpAddress(address, ipv6PrefixBits).groups.slice(0, groupCount);
  const text = groups.map((group) => group.toString(16)).join(":");
  return `${text}${groupCount < IPV6_GROUPS ? "::" : ""}/${ipv6PrefixBits}`;
}

function isOneMachine(address: IpAddress): boolean {
  if (isLoopback(address)) return true;
  return [LINK_LOCAL, TRANSLATED].some(([first, bits]) => sharesPrefix(address, first, bits));
}
