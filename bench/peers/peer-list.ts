// Every server that a row can name.

import { caddy, h2o, kernelFloor, lighttpd, nginx, nginxWithLimit } from "./debian-peers.ts";
import { httpServer, serve, sirv, weir } from "./node-peers.ts";
import type { Peer } from "./peer.ts";

export const PEERS = {
  weir,
  nginx,
  nginxWithLimit,
  lighttpd,
  h2o,
  caddy,
  kernelFloor,
  serve,
  httpServer,
  sirv,
} as const satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;
