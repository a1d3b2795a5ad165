// The settings of a `weir serve`, once everything that was typed, set in the environment or written into the
// config file has been checked. Its type comes from the flags (serve-flags.ts), plus what several flags, or
// a flag and this machine, say together. The serve command builds it; the main thread and all server threads
// read it. It is frozen and holds plain values only, so that each thread gets a copy.

import type { ConfigOf } from "./flag.ts";
import type { serveFlags } from "./serve-flags.ts";
import type { ValueOrigins } from "./usage-error.ts";

/** What each flag says by itself. */
export type ServeValues = ConfigOf<typeof serveFlags>;

/** Where the admin interface listens, and what it asks of its visitors. */
export interface AdminConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Undefined where none is needed, because only this machine reaches the host. */
  readonly token: string | undefined;
}

/** The files that weir itself reads and writes, and never serves. */
export interface OwnPathsConfig {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Absolute paths. */
  readonly folders: readonly string[];
  /** A file of this name is never served, wherever it is. */
  readonly name: string;
}

/** What several flags say together, or a flag and this machine. */
export interface SettledConfig {
  /** Absolute path of the served folder, with the symbolic links that the user named it by. */
  readonly rootDir: string;
  readonly ownPaths: OwnPathsConfig;
  /** Where the values come from, for errors. */
  readonly origins: ValueOrigins;
  /** Server threads. */
  readonly workers: number;
  readonly log: NonNullable<ServeValues["log"]>;
  /** Absolute path of the folder that keeps hits; undefined keeps them in memory only. */
  readonly stateDir: string | undefined;
  /** Undefined where there is no admin interface. */
  readonly admin: AdminConfig | undefined;
}

/** Flags whose values went into a settled value of another name. */
type Absorbed = "config" | "state" | "adminTokenFile";

export type ServeConfig = Omit<ServeValues, keyof SettledConfig | Absorbed> & SettledConfig;
