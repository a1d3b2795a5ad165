// Why the server cannot listen on an address, in one line: what is wrong, where the value came from, and
// what to type instead, which has been tried before it is said. listen-address.ts makes these errors.

import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import { formatOrigin, type ValueOrigin } from "../config/usage-error.ts";
import { listNetworkAddresses } from "./network-addresses.ts";
import { findPortOwner } from "./socket-owner.ts";

/** How messages say what to type instead. */
export interface ListenWords {
  /** The flag with another port: `--port 8002`. */
  typed(port: number): string;
  /** A flag with a host that works: `--host 127.0.0.1`. */
  readonly example: string;
  /** What to do if the host is not an address of this machine. */
  readonly elsewhere: string;
  readonly hostOrigin: ValueOrigin | undefined;
  readonly portOrigin: ValueOrigin | undefined;
  /** The environment of the process, where npm says how it was called. */
  readonly env: NodeJS.ProcessEnv;
}

const FIRST_ORDINARY_PORT = 1024;
/** The ports that people commonly use instead of these. */
const ORDINARY_PORTS: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
]);
const USUAL_PORT = 8001;

interface BindTarget {
  readonly host: string;
  /** As the user gave it; undefined for every interface. */
  readonly shownHost: string | undefined;
}

/** A port that could not be taken on one of the addresses. */
export class BindError extends Error {
  readonly code: string | undefined;
  readonly target: BindTarget;
  readonly port: number;

  constructor(error: NodeJS.ErrnoException, target: BindTarget, port: number) {
    super(error.message);
    this.code = error.code;
    this.target = target;
    this.port = port;
  }
}

/** @param findFreePort a port from a given one on that can be had now */
export function listenError(
  { code, message, target, port }: BindError,
  words: ListenWords,
  findFreePort: (from: number) => number | undefined,
): OperationError {
  const { host } = target;
  const shownHost = JSON.stringify(target.shownHost ?? "every interface");
  const advise = (from: number) => advisePort(findFreePort(from), words);
  const onPort = (why: string, advice: string) =>
    new OperationError(
      `cannot listen on port "${port}": ${why} (${join(formatOrigin(words.portOrigin), advice)})`,
    );
  const onHost = (why: string, advice: string) =>
    new OperationError(
      `cannot listen on host ${shownHost}: ${why} (${join(formatOrigin(words.hostOrigin), advice)})`,
    );
  switch (code) {
    case "EADDRINUSE":
      return onPort(`it is already in use${ownerRemark(port)}`, advise(port + 1));
    case "EACCES":
    case "EPERM":
      return onPort(whyForbidden(port), advise(ORDINARY_PORTS.get(port) ?? USUAL_PORT));
    case "EADDRNOTAVAIL":
      return onHost("it is not an address of this machine", join(listOwn(), words.elsewhere));
    case "EAFNOSUPPORT":
      return onHost(
        isIPv6(host) ? "this system has no IPv6" : "this system has no such addresses",
        words.elsewhere,
      );
    default:
      return new OperationError(`cannot listen on host ${shownHost}, port "${port}": ${message}`);
  }
}

/** `port 8001 is already in use by nginx, process 123` */
export function portInUse(port: number): string {
  return `port ${port} is already in use${ownerRemark(port)}`;
}

function ownerRemark(port: number): string {
  const owner = findPortOwner(port);
  return owner === undefined ? "" : ` by ${owner}`;
}

function advisePort(free: number | undefined, words: ListenWords): string {
  if (free === undefined) {
    return `${howToAdd(words.typed(0), words.env)} takes any free port`;
  }
  return `port ${free} is free: ${howToAdd(words.typed(free), words.env)}; port 0 takes any free one`;
}

/** Under npm a flag is typed after two dashes; npx passes it on as it is. */
function howToAdd(flag: string, env: NodeJS.ProcessEnv): string {
  const { npm_lifecycle_event: script, npm_command: command } = env;
  if (script === undefined || script === "npx" || command === "exec") return `add ${flag}`;
  const name = /^[\w:.-]+$/.test(script) ? script : "NAME";
  return name === "start" ? `npm start -- ${flag}` : `npm run ${name} -- ${flag}`;
}

function whyForbidden(port: number): string {
  const first = readFirstOrdinaryPort();
  return port < first
    ? `this user may not use ports below ${first}`
    : "the system does not let this user listen there";
}

/** `ip_unprivileged_port_start` of ip(7). */
function readFirstOrdinaryPort(): number {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8");
    return Number.parseInt(text, 10) || FIRST_ORDINARY_PORT;
  } catch {
    return FIRST_ORDINARY_PORT;
  }
}

function listOwn(): string | undefined {
  const addresses = listNetworkAddresses().slice(0, 4);
  return addresses.length === 0 ? undefined : `it has 127.0.0.1, ${addresses.join(", ")}`;
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("; ");
}
