// Whether an address is in one of some blocks: trusted proxies, clients that the limit does not hold.
// Made once in each server thread, from what config/address-block.ts has checked.

import { type IpAddress, parseIpAddress, sharesPrefix } from "../base/ip-address.ts";

/** As config/address-block.ts makes them. */
export interface BlockOfAddresses {
  readonly address: string;
  readonly prefixBits: number;
}

/** Stands for all clients of Unix sockets, which have no addresses. */
export const UNIX_PEER = "unix";

export class AddressSet {
  /** Whether the clients of Unix sockets are among them. */
  readonly hasUnixPeers: boolean;
  private readonly blocks: readonly { readonly first: IpAddress; readonly prefixBits: number }[];

  constructor(blocks: readonly BlockOfAddresses[]) {
    this.hasUnixPeers = blocks.some(({ address }) => address === UNIX_PEER);
    const addresses = blocks.filter(({ address }) => address !== UNIX_PEER);
    this.blocks = addresses.map(({ address, prefixBits }) => {
      const first = parseIpAddress(address);
      if (first === undefined) throw new Error(`not an address: ${address}`);
      return { first, prefixBits };
    });
  }

  /** Looks at one block after the other: there are few, and the answer is remembered. */
  has(address: IpAddress): boolean {
    return this.blocks.some(({ first, prefixBits }) => sharesPrefix(first, address, prefixBits));
  }
}
