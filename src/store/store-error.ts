// Why a command to the store failed, in the words of one line for the person who runs it. Pure.
// Made by store-connection.ts; the words appear in warnings and in the admin interface, and never hold a
// password.

/** A command that failed: the store refused it, or there was no answer. `message` is a phrase. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** The script is not known to the store: it can be loaded and run again. */
  readonly isMissingScript: boolean;
  /** Another server may have the name by now: a replica that was the primary, a node without one. */
  readonly isWrongServer: boolean;

  constructor(message: string, rawMessage = "") {
    super(message);
    this.isMissingScript = /\bNOSCRIPT\b/.test(rawMessage);
    this.isWrongServer = /\b(?:READONLY|MASTERDOWN|CLUSTERDOWN)\b/.test(rawMessage);
  }
}

/**
 * Replies begin with a word in capitals; in a reply about a script it is somewhere within, with
 * servers before Redis 7.
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

/** The failure that the store or the system reported, in words; an unknown one as it was reported, cut to one line. */
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
