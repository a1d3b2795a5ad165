// What is true about a `weir serve` after everything typed, set in the environment and written in
// the config file has been checked. Built by the serve command, read by the supervisor; frozen.

import type { AddressBlock } from "./address-block.ts";
import type { ListenHost } from "./listen-hosts.ts";
import type { SiteConfig } from "./site-config.ts";
import type { StoreUrl } from "./store-url.ts";
import type { ValueOrigins } from "./value-origin.ts";

export type SymlinkPolicy = "inside" | "follow" | "deny";
/** What is done while the store is gone: each server's own limit, no limit, or 503 for everybody. */
export type StoreDownPolicy = "local" | "open" | "closed";
export type LogFormat = "pretty" | "common" | "combined" | "json" | "off";

/** At most `count` admitted requests of one client in any period of `windowMs`. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
  /** As a person writes it: `5/s`. */
  readonly text: string;
}

/** Where the admin interface listens, and what it asks of who comes. */
export interface AdminConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** undefined: none is needed, and the host is this machine itself. */
  readonly token: string | undefined;
}

/** How it is told whose request is whose. */
export interface ClientConfig {
  /** Bits of an IPv6 address that name one client. */
  readonly ipv6PrefixBits: number;
  /** Proxies that are believed when they name a client. */
  readonly trustedProxies: readonly AddressBlock[];
  /** Whether those begin each connection with the PROXY protocol. */
  readonly proxyProtocol: boolean;
  /** Clients that the limit does not hold. */
  readonly exempt: readonly AddressBlock[];
}

/** What several servers share. */
export interface StoreConfig {
  readonly url: StoreUrl;
  readonly whenDown: StoreDownPolicy;
}

/** What weir itself reads and writes, and never serves. */
export interface OwnPathsConfig {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** A file of this name is never served, wherever it lies. */
  readonly name: string;
}

/** How long a connection is waited for, in milliseconds. */
export interface ConnectionTimeouts {
  /** Until its client takes more of an answer. */
  readonly stallTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** From the first byte of a request's head to the last. */
  readonly headTimeoutMs: number;
}

export interface ServeConfig {
  /** Absolute path of the served folder, with the symbolic links that the user named it by. */
  readonly rootDir: string;
  /** Absolute paths. */
  readonly ownPaths: OwnPathsConfig;
  /** 0 takes a free port. */
  readonly port: number;
  /** Whether a port in use is passed over for the next free one. */
  readonly nextPort: boolean;
  /** None listens on every interface. */
  readonly hosts: readonly ListenHost[];
  /** Where the values come from, for errors. */
  readonly origins: ValueOrigins;
  readonly workerCount: number;
  /** Requests in progress at once over all threads; undefined means no bound. */
  readonly concurrency: number | undefined;
  readonly delayMs: number;
  readonly timeouts: ConnectionTimeouts;
  /** undefined means no limit. */
  readonly rate: Rate | undefined;
  readonly clients: ClientConfig;
  /** undefined: the limit and the hits are this server's own. */
  readonly store: StoreConfig | undefined;
  /** Open connections of one client at once. */
  readonly clientConnections: number;
  /** How long a call of a slow mount may take. */
  readonly mountTimeoutMs: number;
  readonly index: boolean;
  readonly listing: boolean;
  /** Whether a listing shows the folder's README. */
  readonly readme: boolean;
  /** Whether a folder can be had as a zip. */
  readonly zip: boolean;
  /** Whether answers are compressed, by siblings on disk or on the fly. */
  readonly compress: boolean;
  readonly site: SiteConfig;
  /** Lower-case extensions without the dot; undefined serves every type. */
  readonly types: readonly string[] | undefined;
  readonly hidden: boolean;
  readonly symlinks: SymlinkPolicy;
  /** Folder of the hit store; undefined keeps hits in memory only. */
  readonly stateDir: string | undefined;
  readonly log: LogFormat;
  /** Absolute path; undefined: the log goes to standard output. */
  readonly logFile: string | undefined;
  /** undefined: there is no admin interface. */
  readonly admin: AdminConfig | undefined;
  /** Whether the start on a terminal shows a QR code. */
  readonly qr: boolean;
  readonly drainMs: number;
}
