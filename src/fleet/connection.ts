// One connection to the store. Each server thread has one for the limit, and the main thread has one for the
// hits. It connects and reconnects by itself, runs commands and scripts, and describes failures in words.
// Nothing waits for a store that is gone: a command fails at once while there is no connection, and after its
// deadline when there is no answer. Errors come only through the promise of a command.

import { hash } from "node:crypto";
import type { Redis, RedisOptions } from "iovalkey";
import { describeStoreFailure, StoreError } from "./health.ts";

/** Where the store is (config/urls.ts). */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Precedes every key. */
  readonly prefix: string;
}

/** A script that runs in the store, and the name by which the store knows it. */
export interface StoreScript {
  readonly lua: string;
  /** SHA-1 of the text in hex, for EVALSHA. */
  readonly sha: string;
}

export function defineScript(lua: string): StoreScript {
  return Object.freeze({ lua, sha: hash("sha1", lua, "hex") });
}

export interface StoreConnectionOptions {
  readonly address: StoreAddress;
  /** Loaded with each new connection, so that EVALSHA finds them. */
  readonly scripts: readonly StoreScript[];
  /** Called each time that the connection becomes ready for commands. */
  readonly onReady?: () => void;
  /** Called each time that it is lost, and when an attempt to connect has failed. */
  readonly onLost?: (error: StoreError) => void;
}

export type StoreArgument = string | number | Buffer;

/** A command without an answer by then has failed, unless its caller sets another deadline. */
export const COMMAND_MS_MAX = 50;
const CONNECT_MS_MAX = 1000;
/** After so long without an answer the connection is given up and another one is tried. */
const SILENCE_MS_MAX = 1000;
/** The library waits so long when it closes. By then `close` below has destroyed the socket. */
const DISCONNECT_MS_MAX = 50;
const RECONNECT_DELAY = { firstMs: 50, maxMs: 2000 };

export class StoreConnection {
  readonly #options: StoreConnectionOptions;
  readonly #client: Redis;
  #isReadyNow = false;
  #isClosed = false;
  #isCorked = false;
  /** Attempts to connect that failed in a row. */
  #failedAttempts = 0;
  /** Why the connection is about to end. */
  #reason: StoreError | undefined;
  #latestError = new StoreError("there is no connection yet");

  private constructor(options: StoreConnectionOptions, client: Redis) {
    this.#options = options;
    this.#client = client;
    // No command may be sent before the store has accepted the password and the database.
    client.on("ready", () => void this.#prepare());
    client.on("error", (error: unknown) => this.#note(error));
    client.on("close", () => this.#lose());
  }

  /** Begins to connect, without waiting for the connection. Only this function loads the client library. */
  static async open(options: StoreConnectionOptions): Promise<StoreConnection> {
    const { Redis } = await import("iovalkey");
    let connection: StoreConnection | undefined;
    const client = new Redis(
      clientOptions(
        options.address,
        () => (connection === undefined ? undefined : connection.#nextDelayMs()) ?? 0,
      ),
    );
    connection = new StoreConnection(options, client);
    client.connect().catch(() => {
      // The events "error" and "close" report it.
    });
    return connection;
  }

  /** Whether commands can be sent. */
  get isReady(): boolean {
    return this.#isReadyNow;
  }

  /** The latest failure of the connection. */
  get lastError(): StoreError {
    return this.#latestError;
  }

  /** @returns the store's reply, with texts as strings. Rejects with a StoreError. */
  command(
    name: string,
    args: readonly StoreArgument[],
    deadlineMs = COMMAND_MS_MAX,
  ): Promise<unknown> {
    if (!this.#isReadyNow) return Promise.reject(this.#latestError);
    return this.#send(name, args, deadlineMs);
  }

  /** Runs a script. If the store has forgotten it, its text is sent. Rejects with a StoreError. */
  async run(
    script: StoreScript,
    keys: readonly string[],
    args: readonly StoreArgument[],
    deadlineMs = COMMAND_MS_MAX,
  ): Promise<unknown> {
    if (!this.#isReadyNow) throw this.#latestError;
    const rest = [keys.length, ...keys, ...args];
    const startedMs = performance.now();
    try {
      return await this.#send("EVALSHA", [script.sha, ...rest], deadlineMs);
    } catch (error) {
      if (!(error as StoreError).isMissingScript) throw error;
      const leftMs = deadlineMs - (performance.now() - startedMs);
      return this.#send("EVAL", [script.lua, ...rest], Math.max(1, leftMs));
    }
  }

  /** Ends the connection. Commands that wait for an answer fail, and no more callbacks are called. */
  close(): void {
    this.#isClosed = true;
    this.#isReadyNow = false;
    this.#latestError = new StoreError("the connection was closed");
    this.#client.disconnect();
    this.#client.stream?.destroy();
  }

  #send(name: string, args: readonly StoreArgument[], deadlineMs: number): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => {
      // If this thread was busy, the answer may already be in the socket, which is read first.
      setImmediate(() => reject(new StoreError("it does not answer")));
    }, deadlineMs);
    this.#cork();
    (this.#client.call(name, ...args) as Promise<unknown>).then(
      (reply) => {
        clearTimeout(timer);
        resolve(reply);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(this.#judge(describeStoreFailure(error)));
      },
    );
    return promise;
  }

  /** Commands of one turn are sent in one write. A write for each would cost more than everything else. */
  #cork(): void {
    const { stream } = this.#client;
    if (this.#isCorked || stream === undefined) return;
    this.#isCorked = true;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }

  #judge(error: StoreError): StoreError {
    if (error.isWrongServer) {
      this.#note(error);
      this.#client.stream?.destroy();
    }
    return error;
  }

  /** The first commands of a connection: the user, the database, the scripts. */
  async #prepare(): Promise<void> {
    const { user, password, database } = this.#options.address;
    const { scripts } = this.#options;
    const { stream } = this.#client;
    const first: Promise<unknown>[] = [];
    const call = (name: string, ...args: StoreArgument[]) =>
      first.push(this.#send(name, args, CONNECT_MS_MAX));
    if (password !== undefined) {
      const login = this.#send(
        "AUTH",
        user === undefined ? [password] : [user, password],
        CONNECT_MS_MAX,
      );
      first.push(login.catch(passUnneededPassword));
    }
    if (database !== 0) call("SELECT", database);
    for (const { lua } of scripts) call("SCRIPT", "LOAD", lua);
    if (first.length === 0) call("PING");
    const outcomes = await Promise.allSettled(first);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (this.#isClosed || stream !== this.#client.stream || stream.destroyed) return;
    if (failure !== undefined) {
      this.#note(failure.reason);
      stream.destroy();
      return;
    }
    this.#failedAttempts = 0;
    this.#reason = undefined;
    this.#isReadyNow = true;
    this.#options.onReady?.();
  }

  #note(error: unknown): void {
    this.#reason = describeStoreFailure(error);
  }

  #lose(): void {
    if (this.#isClosed) return;
    this.#isReadyNow = false;
    this.#latestError = this.#reason ?? new StoreError("it closed the connection");
    this.#reason = undefined;
    this.#options.onLost?.(this.#latestError);
  }

  #nextDelayMs(): number {
    this.#failedAttempts++;
    return retryDelayMs(RECONNECT_DELAY, this.#failedAttempts, Math.random());
  }
}

function clientOptions(address: StoreAddress, nextDelayMs: () => number): RedisOptions {
  return {
    host: address.host,
    port: address.port,
    // Addresses in the order of the system. The library's default is IPv4 alone.
    family: 0,
    familyFallback: { enabled: false },
    ...(address.isEncrypted ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    disconnectTimeout: DISCONNECT_MS_MAX,
    retryStrategy: nextDelayMs,
    // No command is kept for later or sent twice: an admission that is requested twice counts twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // The first commands of `#prepare` tell more, and need no right to INFO.
    enableReadyCheck: false,
  };
}

export interface DelayBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before the next attempt: twice as long each time, bounded, and spread, so that many
 * servers do not all come back at one moment. Pure.
 * @param attempt how many attempts in a row have failed, from 1
 * @param chance 0 to 1
 * @returns between half and the whole of the doubled delay
 */
export function retryDelayMs(bounds: DelayBounds, attempt: number, chance: number): number {
  const fullMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(fullMs * (0.5 + chance / 2));
}

/** A store that needs no password works with one as well: it may be about to need it. */
function passUnneededPassword(error: unknown): void {
  const { message } = error as StoreError;
  if (!/without any password configured|no password is set/.test(message)) throw error;
}
