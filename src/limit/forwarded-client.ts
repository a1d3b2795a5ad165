// Which of the hops that proxies noted is the client: from the right the first that is no trusted
// proxy. Pure; asked by the server thread for requests that came from a trusted proxy, and for no
// others, because anybody can write such a field.

import type { IpAddress } from "../base/ip-address.ts";
import type { HopReader } from "../http/forwarded-field.ts";

export interface ForwardedClient {
  /** undefined: the connection's own peer. */
  readonly address: IpAddress | undefined;
  /** False when it is somebody behind that address, of whom no more could be read. */
  readonly isNamed: boolean;
}

/** Chains of proxies have two or three; behind more trusted ones a client is not named. */
export const HOPS_MAX = 16;

/**
 * Where all hops are trusted, the client is the leftmost. A hop that cannot be read ends the reading,
 * as does a chain without an end, and the client is the last trusted one before it: else whoever sends garbage had a limit of its own
 * for each kind of garbage.
 */
export function findForwardedClient(
  text: string,
  readHop: HopReader,
  isTrusted: (address: IpAddress) => boolean,
): ForwardedClient {
  let address: IpAddress | undefined;
  let hopCount = 0;
  for (let end = text.length; end >= 0; ) {
    const hop = hopCount++ < HOPS_MAX ? readHop(text, end) : undefined;
    if (hop?.address === undefined) return { address, isNamed: false };
    address = hop.address;
    if (!isTrusted(address)) break;
    end = hop.end;
  }
  return { address, isNamed: true };
}
