// The settings of a server under measurement: two threads, everything on that a user has on, and a
// limit that no load reaches.

import type { ServeConfig } from "../src/config/serve-config.ts";
import { defaultSite } from "../src/config/site-config.ts";

export function benchConfig(rootDir: string): ServeConfig {
  return Object.freeze({
    rootDir,
    ownPaths: { files: [], folders: [], name: "weir.config.json" },
    port: 0,
    nextPort: false,
    hosts: [{ kind: "address" as const, host: "127.0.0.1" }],
    origins: {},
    workerCount: 2,
    concurrency: undefined,
    delayMs: 0,
    timeouts: { stallTimeoutMs: 300_000, idleTimeoutMs: 5000, headTimeoutMs: 10_000 },
    rate: { count: 1_000_000, windowMs: 1000, text: "1000000/s" },
    clients: { ipv6PrefixBits: 64, trustedProxies: [], proxyProtocol: false, exempt: [] },
    store: undefined,
    clientConnections: 10_000,
    mountTimeoutMs: 15_000,
    index: true,
    listing: true,
    readme: false,
    zip: false,
    compress: true,
    site: defaultSite,
    types: undefined,
    hidden: false,
    symlinks: "inside",
    stateDir: undefined,
    log: "off",
    logFile: undefined,
    admin: undefined,
    qr: false,
    drainMs: 1000,
  });
}
