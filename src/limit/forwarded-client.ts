// Which of the hops that proxies noted is the client: from the right the first that is no trusted
// proxy. Pure; asked by the server thread for requests that came from a trusted proxy, and for no
// others, because anybody can write such a field.

import type { IpAddress } from "../base/ip-address.ts";
import type { HopReader } from "../http/forwarded-field.ts";

/**
 * Where all hops are trusted, the client is the leftmost. A hop that cannot be read ends the reading,
 * and the client is the last trusted one before it: else whoever sends garbage had a limit of its own
 * for each kind of garbage.
 * @returns undefined when that is the connection's own peer
 */
export function findForwardedClient(
  text: string,
  readHop: HopReader,
  isTrusted: (address: IpAddress) => boolean,
): IpAddress | undefined {
  let client: IpAddress | undefined;
  for (let end = text.length; end >= 0; ) {
    const hop = readHop(text, end);
    if (hop.address === undefined) return client;
    client = hop.address;
    if (!isTrusted(client)) return client;
    end = hop.end;
  }
  return client;
}
