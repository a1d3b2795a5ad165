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

/**
 * Where all hops are trusted, the client is the leftmost. A hop that cannot be read ends the reading,
 * and the client is the last trusted one before it: else whoever sends garbage had a limit of its own
 * for each kind of garbage.
 */
export function findForwardedClient(
  text: string,
  readHop: HopReader,
  isTrusted: (address: IpAddress) => boolean,
): ForwardedClient {
  let address: IpAddress | undefined;
  for (let end = text.length; end >= 0; ) {
    const hop = readHop(text, end);
    if (hop.address === undefined) return { address, isNamed: false };
    address = hop.address;
    if (!isTrusted(address)) break;
    end = hop.end;
  }
  return { address, isNamed: true };
}
