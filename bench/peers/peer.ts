// What the benchmarks know of a server that they start: where its program is, how it is run in the
// foreground, and what it calls itself.

/** What a row asks of a server. Every server gets the same. */
export interface ServerOptions {
  readonly dir: string;
  /** Threads or processes that answer; one on the server's core when left out. */
  readonly workers?: number;
  /** Runs on whichever core is free. */
  readonly isUnpinned?: boolean;
  /** Refuse nearly everything: five requests a second for each client. */
  readonly refuses?: boolean;
  /** Connections to have room for; 1,024 when left out. */
  readonly connections?: number;
  /** More arguments for weir, which no other server gets. */
  readonly weirArgs?: readonly string[];
  /** Below `dir`: the only file that the kernel floor answers with. */
  readonly floorFile?: string;
}

/** Where one started server listens and may write. */
export interface Place {
  readonly port: number;
  /** A folder of its own, empty at first. */
  readonly ownDir: string;
}

export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Peer {
  readonly name: string;
  /** The absolute path of its program, or undefined where it is not installed. */
  find(): string | undefined;
  /** What prints its version, on stdout or stderr. */
  readonly versionArgs: readonly string[];
  /** Writes its configuration into the place and tells how it is run. */
  prepare(program: string, options: ServerOptions, place: Place): CommandLine;
}
