// Where the store is, as the flag names it: redis://USER:PASSWORD@HOST:PORT/DB?prefix=weir:. Pure.

import { UsageError } from "./usage-error.ts";

export interface StoreUrl {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Before every key. */
  readonly prefix: string;
  /** For people: without the password. */
  readonly shown: string;
}

const PORT = 6379;
const DATABASE_MAX = 1_000_000;
const PREFIX = "weir:";
const PREFIX_LENGTH_MAX = 100;
const ALLOWED =
  "give redis://HOST:PORT/DATABASE, or rediss:// for TLS, with USER:PASSWORD@ before the host and ?prefix=NAME: behind it where needed";

/** Throws UsageError, whose text never holds the password. */
export function parseStoreUrl(text: string): StoreUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(ALLOWED);
  }
  const isEncrypted = url.protocol === "rediss:";
  const database = /^\/?(\d{0,7})$/.exec(url.pathname)?.[1];
  const prefix = url.searchParams.get("prefix") ?? PREFIX;
  const names = [...url.searchParams.keys()];
  const user = decode(url.username);
  const password = decode(url.password);
  const isRight =
    (isEncrypted || url.protocol === "redis:") &&
    // Names of hosts have no percent signs: the URL has put them where there were other characters.
    /^[^%]+$/.test(url.hostname) &&
    url.port !== "0" &&
    url.hash === "" &&
    database !== undefined &&
    Number(database) <= DATABASE_MAX &&
    names.every((name) => name === "prefix") &&
    names.length <= 1 &&
    user !== undefined &&
    password !== undefined &&
    // A name alone is nearly always a password without its colon.
    (user === "" || password !== "") &&
    /^[\x21-\x7e]*$/.test(prefix) &&
    prefix.length <= PREFIX_LENGTH_MAX;
  if (!isRight) throw new UsageError(ALLOWED);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? PORT : Number(url.port);
  const shown = `${url.protocol}//${url.hostname}:${port}/${Number(database)}`;
  return Object.freeze({
    host,
    port,
    isEncrypted,
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    database: Number(database),
    prefix,
    shown,
  });
}

/** undefined: a percent sign that begins no escape of UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
