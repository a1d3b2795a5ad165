// One connection to the store: each server thread has one for the limit, the main thread one for the
// hits. It connects and reconnects by itself, runs commands and scripts, and says in words what failed.
// Nothing waits for a store that is gone: a command fails at once while there is no connection, and
// after its deadline when there is no answer. It never throws but through the promise of a command.

import { hash } from "node:crypto";
import type { Redis, RedisOptions } from "iovalkey";
import { describeStoreFailure, StoreError } from "./store-error.ts";

/** Where the store is (config/store-url.ts). */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Before every key. */
  readonly prefix: string;
}

/** A script that runs in the store, and the name by which the store knows it. */
export interface StoreScript {
  readonly lua: string;
  /** SHA-1 of the text in hex: what EVALSHA takes. */
  readonly sha: string;
}

export function defineScript(lua: string): StoreScript {
  return Object.freeze({ lua, sha: hash("sha1", lua, "hex") });
}

export interface StoreConnectionOptions {
  readonly address: StoreAddress;
  /** Loaded with each new connection, so that EVALSHA finds them. */
  readonly scripts: readonly StoreScript[];
  /** Called each time that commands can be sent from now on. */
  readonly onReady?: () => void;
  /** Called each time that they cannot any more, and when an attempt to connect has failed. */
  readonly onLost?: (error: StoreError) => void;
}

export type StoreArgument = string | number | Buffer;

/** A command that has no answer after so long has failed, unless its caller sets another deadline. */
export const COMMAND_MS_MAX = 50;
const CONNECT_MS_MAX = 1000;
/** A connection on which commands have had no answer for so long is given up, and another tried. */
const SILENCE_MS_MAX = 1000;
/** The library's close waits so long; ours has destroyed the socket by then. */
const DISCONNECT_MS_MAX = 50;
const RECONNECT_DELAY = { firstMs: 50, maxMs: 2000 };

export class StoreConnection {
  private readonly options: StoreConnectionOptions;
  private readonly client: Redis;
  private isReadyNow = false;
  private isClosed = false;
  private isCorked = false;
  /** Attempts to connect that failed in a row. */
  private failedAttempts = 0;
  /** Why the connection is about to end. */
  private reason: StoreError | undefined;
  private latestError = new StoreError("there is no connection yet");

  private constructor(options: StoreConnectionOptions, client: Redis) {
    this.options = options;
    this.client = client;
    // Before the store has taken the password and the database, nothing of ours may be sent.
    client.on("ready", () => void this.prepare());
    client.on("error", (error: unknown) => this.note(error));
    client.on("close", () => this.lose());
  }

  /** Begins to connect; does not wait for it. The client library is loaded here, and only here. */
  static async open(options: StoreConnectionOptions): Promise<StoreConnection> {
    const { Redis } = await import("iovalkey");
    let connection: StoreConnection | undefined;
    const client = new Redis(clientOptions(options.address, () => connection?.nextDelayMs() ?? 0));
    connection = new StoreConnection(options, client);
    client.connect().catch(() => {
      // Told by the events "error" and "close".
    });
    return connection;
  }

  /** Whether commands can be sent. */
  get isReady(): boolean {
    return this.isReadyNow;
  }

  /** The latest failure of the connection. */
  get lastError(): StoreError {
    return this.latestError;
  }

  /** @returns the store's reply, with texts as strings. Rejects with a StoreError. */
  command(
    name: string,
    args: readonly StoreArgument[],
    deadlineMs = COMMAND_MS_MAX,
  ): Promise<unknown> {
    if (!this.isReadyNow) return Promise.reject(this.latestError);
    return this.send(name, args, deadlineMs);
  }

  /** Runs a script; one that the store has forgotten is sent along. Rejects with a StoreError. */
  async run(
    script: StoreScript,
    keys: readonly string[],
    args: readonly StoreArgument[],
    deadlineMs = COMMAND_MS_MAX,
  ): Promise<unknown> {
    if (!this.isReadyNow) throw this.latestError;
    const rest = [keys.length, ...keys, ...args];
    const startedMs = performance.now();
    try {
      return await this.send("EVALSHA", [script.sha, ...rest], deadlineMs);
    } catch (error) {
      if (!(error as StoreError).isMissingScript) throw error;
      const leftMs = deadlineMs - (performance.now() - startedMs);
      return this.send("EVAL", [script.lua, ...rest], Math.max(1, leftMs));
    }
  }

  /** Ends the connection; what waits for an answer fails. Nothing is called back any more. */
  close(): void {
    this.isClosed = true;
    this.isReadyNow = false;
    this.latestError = new StoreError("the connection was closed");
    this.client.disconnect();
    this.client.stream?.destroy();
  }

  private send(name: string, args: readonly StoreArgument[], deadlineMs: number): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => {
      // If this thread was busy, the answer may lie in the socket: that is read first.
      setImmediate(() => reject(new StoreError("it does not answer")));
    }, deadlineMs);
    this.cork();
    (this.client.call(name, ...args) as Promise<unknown>).then(
      (reply) => {
        clearTimeout(timer);
        resolve(reply);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(this.judge(describeStoreFailure(error)));
      },
    );
    return promise;
  }

  /** Commands of one turn leave in one piece: a write of its own each would cost more than the rest. */
  private cork(): void {
    const { stream } = this.client;
    if (this.isCorked || stream === undefined) return;
    this.isCorked = true;
    stream.cork();
    process.nextTick(() => {
      this.isCorked = false;
      stream.uncork();
    });
  }

  private judge(error: StoreError): StoreError {
    if (error.isWrongServer) {
      this.note(error);
      this.client.stream?.destroy();
    }
    return error;
  }

  /** The first commands of a connection: the user, the database, the scripts. */
  private async prepare(): Promise<void> {
    const { user, password, database } = this.options.address;
    const { scripts } = this.options;
    const { stream } = this.client;
    const first: Promise<unknown>[] = [];
    const call = (name: string, ...args: StoreArgument[]) =>
      first.push(this.send(name, args, CONNECT_MS_MAX));
    if (password !== undefined) {
      const login = this.send(
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
    if (this.isClosed || stream !== this.client.stream || stream.destroyed) return;
    if (failure !== undefined) {
      this.note(failure.reason);
      stream.destroy();
      return;
    }
    this.failedAttempts = 0;
    this.reason = undefined;
    this.isReadyNow = true;
    this.options.onReady?.();
  }

  private note(error: unknown): void {
    this.reason = describeStoreFailure(error);
  }

  private lose(): void {
    if (this.isClosed) return;
    this.isReadyNow = false;
    this.latestError = this.reason ?? new StoreError("it closed the connection");
    this.reason = undefined;
    this.options.onLost?.(this.latestError);
  }

  private nextDelayMs(): number {
    this.failedAttempts++;
    return retryDelayMs(RECONNECT_DELAY, this.failedAttempts, Math.random());
  }
}

function clientOptions(address: StoreAddress, nextDelayMs: () => number): RedisOptions {
  return {
    host: address.host,
    port: address.port,
    // As the system orders them; the library's default is IPv4 alone.
    family: 0,
    familyFallback: { enabled: false },
    ...(address.isEncrypted ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    disconnectTimeout: DISCONNECT_MS_MAX,
    retryStrategy: nextDelayMs,
    // Nothing is kept for later, and nothing is sent twice: an admission that was asked for twice counts twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Our own first commands say more, and need no INFO (prepare).
    enableReadyCheck: false,
  };
}

export interface DelayBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before the store is tried again: twice as long each time, bounded, and spread, so that
 * many servers do not all come back at one moment. Pure.
 * @param attempt 1 and up: how often it has failed in a row
 * @param chance 0 to 1
 * @returns between half and the whole of the doubled delay
 */
export function retryDelayMs(bounds: DelayBounds, attempt: number, chance: number): number {
  const fullMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(fullMs * (0.5 + chance / 2));
}

/** A store that asks for no password has nothing against one: it may be about to ask for it. */
function passUnneededPassword(error: unknown): void {
  const { message } = error as StoreError;
  if (!/without any password configured|no password is set/.test(message)) throw error;
}
