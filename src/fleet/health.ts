// Whether the store is there, as all threads of this server see it. It is on the main thread, and each thread
// reports to it. It prints one line when the store is gone and one when it is back, and the admin interface
// reads it. It sends nothing to the store.

export interface StoreState {
  /** The store's URL without its password. */
  readonly shown: string;
  readonly isUp: boolean;
  /** Why the store is gone; null while it is there. */
  readonly reason: string | null;
}

export interface StoreHealthOptions {
  readonly shown: string;
  /** "unlimited": the server has no limit, so only hits are shared. */
  readonly whenDown: "local" | "open" | "closed" | "unlimited";
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

const CONSEQUENCES = {
  local: "until it is back each server keeps its own limit",
  open: "until it is back there is no limit",
  closed: "until it is back every request is answered with 503",
  unlimited: "until it is back hits wait in memory",
} as const;

export class StoreHealth {
  readonly #options: StoreHealthOptions;
  /** The reporters that have lost the store, and why. */
  readonly #missedBy = new Map<string, string>();

  constructor(options: StoreHealthOptions) {
    this.#options = options;
  }

  /** @param reporter the owner of the connection. The successor of a thread reports under the same name. */
  report(reporter: string, isUp: boolean, reason: string): void {
    const { shown, whenDown, warn } = this.#options;
    const wasUp = this.#missedBy.size === 0;
    if (isUp) this.#missedBy.delete(reporter);
    else this.#missedBy.set(reporter, reason);
    if (wasUp && !isUp) warn(`the store ${shown} is gone (${reason}): ${CONSEQUENCES[whenDown]}`);
    if (!wasUp && this.#missedBy.size === 0) warn(`the store ${shown} is back`);
  }

  get state(): StoreState {
    const [reason] = this.#missedBy.values();
    return { shown: this.#options.shown, isUp: reason === undefined, reason: reason ?? null };
  }
}

// Why a command to the store failed, in words for the person who runs the server. connection.ts makes these
// errors. The words appear in warnings and in the admin interface, and never contain a password. Pure.

/** A command that the store refused or did not answer. `message` is a phrase. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** The store does not know the script, which can be loaded and run again. */
  readonly isMissingScript: boolean;
  /** The store's name may lead to another server by now: this one is a replica, or a node without a primary. */
  readonly isWrongServer: boolean;

  constructor(message: string, rawMessage = "") {
    super(message);
    this.isMissingScript = /\bNOSCRIPT\b/.test(rawMessage);
    this.isWrongServer = /\b(?:READONLY|MASTERDOWN|CLUSTERDOWN)\b/.test(rawMessage);
  }
}

/**
 * A reply begins with a word in capitals. Before Redis 7, replies about a script have it somewhere in the
 * text.
 */
const REPLIES: readonly [pattern: RegExp, words: string][] = [
  [/\bOOM\b/, "it is full: maxmemory is reached, and nothing may be evicted"],
  [/\bREADONLY\b/, "it is a read-only replica"],
  [/\bMASTERDOWN\b/, "it is a replica that has lost its primary"],
  [/\bWRONGPASS\b|invalid password/, "it does not take this user and password"],
  [/\bNOAUTH\b/, "it wants a password, and none was given"],
  [/\bNOPERM\b/, "the user may not run the commands that weir needs"],
  [/\bLOADING\b/, "it is still loading its data"],
  [/\bMISCONF\b/, "it cannot save to its disk and takes no writes"],
  [/\bBUSY\b/, "it is busy with a script"],
  [/\bNOREPLICAS\b/, "it has too few replicas to take writes"],
  [/\bCLUSTERDOWN\b/, "its cluster is down"],
  [/\b(?:MOVED|ASK|CROSSSLOT)\b/, "it is a cluster of several nodes, and weir needs a single one"],
  [/DB index is out of range|invalid DB index/, "it has no database of that number"],
  [/unknown command/i, "it lacks a command: Valkey, or Redis 5 and later, have all"],
];

const CONNECTION_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its network",
  ETIMEDOUT: "no answer to the connection",
};

const RAW_LENGTH_MAX = 160;

/** Describes what the store or the system reported. An unknown failure stays as it was reported, cut to one line. */
export function describeStoreFailure(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message, code } = error as Partial<NodeJS.ErrnoException>;
  const raw = String(message ?? error);
  const connectionWords = CONNECTION_FAILURES[code ?? ""];
  if (connectionWords !== undefined) return new StoreError(connectionWords);
  if (/Connection is closed|closed before|Stream isn't writeable|max retries/.test(raw)) {
    return new StoreError("it closed the connection");
  }
  if (/Socket timeout/.test(raw)) return new StoreError("it does not answer");
  const words = REPLIES.find(([pattern]) => pattern.test(raw))?.[1];
  if (words !== undefined) return new StoreError(words, raw);
  const line = raw.split(/[\r\n]/, 1)[0]!.slice(0, RAW_LENGTH_MAX);
  return new StoreError(code === undefined ? line : `${line} (${code})`, raw);
}
