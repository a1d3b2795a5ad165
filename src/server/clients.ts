// Who the clients of a server thread are: makes of an address, or of what a trusted proxy says, the
// one Client that the limit, the tallies and the log mean. One for each server thread; what it was
// asked lately is remembered, bounded. It decides who is believed, and reads nothing from a socket.

import { formatIpAddress, type IpAddress, parseIpAddress, UNIX_PEER } from "../base/ip-address.ts";
import { RecentMap } from "../base/recent-map.ts";
import { type HopReader, readForwardedHop, readXForwardedForHop } from "../http/forwarded-field.ts";
import type { RequestHead } from "../http/request.ts";
import { AddressSet, type BlockOfAddresses } from "../limit/address-set.ts";
import { formatClientKey } from "../limit/client-key.ts";
import { findForwardedClient } from "../limit/forwarded-client.ts";
import type { ClientTallies, ClientTally } from "../metrics/client-tally.ts";
import { hashKey, type KeyHash } from "../shared-memory/key-hash.ts";

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
  private readonly options: ClientsOptions;
  private readonly trusted: AddressSet;
  private readonly exempt: AddressSet;
  private readonly known = new RecentMap<string, Client>(ADDRESSES_MAX);
  private readonly forwarded = new ForwardedTexts(readForwardedHop, (hop) => this.isTrusted(hop));
  private readonly xForwardedFor = new ForwardedTexts(readXForwardedForHop, (hop) =>
    this.isTrusted(hop),
  );

  constructor(options: ClientsOptions) {
    this.options = options;
    this.trusted = new AddressSet(options.trustedProxies);
    this.exempt = new AddressSet(options.exempt);
  }

  /** Who has that address: a client that connects for each request is hashed once. */
  ofAddress(address: string): Client {
    const known = this.known.get(address);
    if (known !== undefined) return known;
    const { ipv6PrefixBits, hashSecret, tallies, onNewClient } = this.options;
    const name = formatClientKey(address, ipv6PrefixBits);
    const key = hashKey(hashSecret, name);
    onNewClient?.(key, name);
    const parsed = parseIpAddress(address.split("%", 1)[0] as string);
    const client: Client = {
      name,
      key,
      address: parsed === undefined ? address : formatIpAddress(parsed),
      tally: tallies.open(name),
      isExempt: isAmong(this.exempt, address, parsed),
      isTrustedProxy: isAmong(this.trusted, address, parsed),
    };
    this.known.set(address, client);
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
    const one = forwarded === undefined ? undefined : this.forwarded.read(forwarded);
    const other = xForwardedFor === undefined ? undefined : this.xForwardedFor.read(xForwardedFor);
    const reading = one ?? other;
    if (reading === undefined) return proxy;
    if (other !== undefined && other.address !== reading.address) return somebodyBehind(proxy);
    const client = reading.address === undefined ? proxy : this.ofAddress(reading.address);
    const isNamed = reading.isNamed && other?.isNamed !== false;
    return isNamed ? client : somebodyBehind(client);
  }

  private isTrusted(address: IpAddress): boolean {
    return this.trusted.has(address);
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
  private readonly readHop: HopReader;
  private readonly isTrusted: (address: IpAddress) => boolean;
  private readonly known = new RecentMap<string, Reading>(TEXTS_MAX);

  constructor(readHop: HopReader, isTrusted: (address: IpAddress) => boolean) {
    this.readHop = readHop;
    this.isTrusted = isTrusted;
  }

  read(text: string): Reading {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const { address, isNamed } = findForwardedClient(text, this.readHop, this.isTrusted);
    const reading = { address: address && formatIpAddress(address), isNamed };
    // A copy: as a part of its head the text would keep the whole of it.
    if (text.length <= TEXT_LENGTH_MAX) {
      this.known.set(Buffer.from(text, "latin1").toString("latin1"), reading);
    }
    return reading;
  }
}
