// Whether an address is in one of some blocks: trusted proxies, clients that the limit does not hold.
// Made once in each server thread, from what config/address-block.ts has checked. A look-up halves the
// blocks again and again: strangers choose the addresses, by the hop in a forwarded field.

import { type IpAddress, parseIpAddress, sharesPrefix, UNIX_PEER } from "../base/ip-address.ts";

/** As config/address-block.ts makes them. */
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
  private readonly blocks: Readonly<Record<IpAddress["family"], readonly Block[]>>;

  constructor(blocks: readonly BlockOfAddresses[]) {
    this.hasUnixPeers = blocks.some(({ address }) => address === UNIX_PEER);
    const addresses = blocks.filter(({ address }) => address !== UNIX_PEER);
    const parsed = addresses.map(({ address, prefixBits }) => {
      const first = parseIpAddress(address);
      if (first === undefined) throw new Error(`not an address: ${address}`);
      return { first, prefixBits };
    });
    this.blocks = { ipv4: sortOut(parsed, "ipv4"), ipv6: sortOut(parsed, "ipv6") };
  }

  has(address: IpAddress): boolean {
    const blocks = this.blocks[address.family];
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
