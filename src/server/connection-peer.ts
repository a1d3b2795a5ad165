// Who is at the other end of a connection that came through a proxy with the PROXY protocol, and
// whether that one is believed when it names the client of a request. Called by server-thread.ts once
// for each such connection; it reads nothing from it.

import type { Refusal } from "../http/request.ts";
import type { ProxiedClient } from "../transport/proxy-header.ts";
import { type Client, type Clients, somebodyBehind } from "./clients.ts";

export interface ConnectionPeer {
  readonly client: Client;
  /** Whether it is believed when it names the client of a request. */
  readonly isBelieved: boolean;
  /** Answered to the connection, which then ends. */
  readonly rejection?: Refusal;
}

/** @param proxied what the proxy's header said, or that there was none */
export function peerBehind(
  proxy: Client,
  proxied: ProxiedClient | "wrong",
  clients: Pick<Clients, "ofAddress">,
): ConnectionPeer {
  if (proxied === "wrong") {
    // A person who forgot to set the proxy up reads why, there and in the log.
    const explanation = "Connections from this address begin with a PROXY protocol header.";
    const rejection: Refusal = { status: 400, explanation };
    return { client: proxy, isBelieved: false, rejection };
  }
  if (proxied.kind === "proxy") return { client: proxy, isBelieved: true };
  // They may have written any field.
  if (proxied.kind === "unknown") return { client: somebodyBehind(proxy), isBelieved: false };
  const client = clients.ofAddress(proxied.address);
  return { client, isBelieved: client.isTrustedProxy };
}
