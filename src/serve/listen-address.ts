// Where the server listens: turns host names into addresses and takes the port on all of them, with an
// error that a person can act on (listen-error.ts). Runs on the main thread before any server thread
// starts. Unix sockets are taken by acceptor.ts.

import { lookup } from "node:dns/promises";
import { BoundSocket, type Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import { formatOrigin, type ValueOrigin } from "../config/usage-error.ts";
import { type ListenWords, listenError, portInUse } from "./listen-error.ts";
import { isOwnHostName } from "./network-addresses.ts";

export interface ListenAddress {
  /** A numeric address. */
  readonly host: string;
  readonly port: number;
  /** Of "::" where IPv4 has listeners of its own. */
  readonly ipv6Only: boolean;
}

/** An address that is kept for us, until a listener takes its socket over. */
export interface TakenPort {
  readonly address: ListenAddress;
  /** As the user gave it; undefined: every interface. */
  readonly shownHost: string | undefined;
  /** A Socket where somebody else has opened it (site-listeners.ts). */
  readonly keeper: BoundSocket | Socket;
}

export interface PortRequest {
  /** Names and addresses as they were given; none: every interface. */
  readonly hosts: readonly string[];
  /** 0 takes a free one, the same on all addresses. */
  readonly port: number;
  /** Whether the next free port is taken where this one is in use. */
  readonly takesNext: boolean;
  /** Ports that are meant for something else. */
  readonly reserved: readonly number[];
  readonly words: ListenWords;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

const EVERY_INTERFACE_6 = "::";
const EVERY_INTERFACE_4 = "0.0.0.0";
/** A machine where so many ports in a row are in use has a reason that another search will not find. */
const NEXT_PORTS_MAX = 100;
/** A port that is free on the first address may be in use on another. */
const FREE_PORT_ATTEMPTS_MAX = 16;

interface Target {
  readonly host: string;
  readonly shownHost: string | undefined;
  readonly ipv6Only: boolean;
}

/**
 * Takes the port on every address, and keeps it taken without listening, so that the threads can listen
 * on it one after the other. SO_REUSEPORT would let a second server of the same user share a port
 * unnoticed: so the port is first taken without it, which fails when anyone listens there.
 * @throws OperationError
 */
export async function takePort(request: PortRequest): Promise<TakenPort[]> {
  const { port, takesNext, words, warn } = request;
  const targets = await findTargets(request);
  const taken = port === 0 ? takeFreePort(targets) : takeOn(targets, port);
  if (!(taken instanceof BindError)) return taken;
  if (taken.code !== "EADDRINUSE" || port === 0) {
    throw listenError(taken, words, (from) => findFreePort(targets, from, request));
  }
  if (takesNext) {
    const next = takeNextPort(targets, request);
    if (next !== undefined) {
      warn(`${portInUse(port)}: taking port ${next[0]?.address.port} instead`);
      return next;
    }
  }
  throw listenError(taken, words, (from) => findFreePort(targets, from, request));
}

/** The host to tell people of; undefined, as for a server's own socket, where it is every interface. */
export function shownHostOf({ host }: Pick<ListenAddress, "host">): string | undefined {
  return host === EVERY_INTERFACE_6 || host === EVERY_INTERFACE_4 ? undefined : host;
}

/** A port that could not be taken on one of the addresses. */
export class BindError extends Error {
  readonly code: string | undefined;
  readonly target: Target;
  readonly port: number;

  constructor(error: NodeJS.ErrnoException, target: Target, port: number) {
    super(error.message);
    this.code = error.code;
    this.target = target;
    this.port = port;
  }
}

function takeOn(targets: readonly Target[], port: number): TakenPort[] | BindError {
  const taken: TakenPort[] = [];
  const canShare = process.platform === "linux";
  for (const target of targets) {
    const { host, ipv6Only, shownHost } = target;
    const wanted = taken[0]?.address.port ?? port;
    try {
      const probe = new BoundSocket({ host, port: wanted, ipv6Only });
      const { port: takenPort } = probe.address() as { port: number };
      probe.close();
      const keeper = new BoundSocket({ host, port: takenPort, ipv6Only, reusePort: canShare });
      taken.push({ address: { host, port: takenPort, ipv6Only }, shownHost, keeper });
    } catch (error) {
      giveBack(taken);
      return new BindError(error as NodeJS.ErrnoException, target, wanted);
    }
  }
  return taken;
}

function giveBack(taken: readonly TakenPort[]): void {
  for (const { keeper } of taken) {
    if (keeper instanceof BoundSocket) keeper.close();
  }
}

function takeFreePort(targets: readonly Target[]): TakenPort[] | BindError {
  let outcome = takeOn(targets, 0);
  for (let attempt = 1; attempt < FREE_PORT_ATTEMPTS_MAX; attempt++) {
    if (!(outcome instanceof BindError) || outcome.code !== "EADDRINUSE") return outcome;
    outcome = takeOn(targets, 0);
  }
  return outcome;
}

function takeNextPort(
  targets: readonly Target[],
  { port, reserved }: PortRequest,
): TakenPort[] | undefined {
  const last = Math.min(65_535, port + NEXT_PORTS_MAX);
  for (let next = port + 1; next <= last; next++) {
    if (reserved.includes(next)) continue;
    const taken = takeOn(targets, next);
    if (!(taken instanceof BindError)) return taken;
    if (taken.code !== "EADDRINUSE") return undefined;
  }
  return undefined;
}

/** A port from `from` on that is free at this moment; undefined when there is none near it. */
function findFreePort(
  targets: readonly Target[],
  from: number,
  request: PortRequest,
): number | undefined {
  const taken = takeNextPort(targets, { ...request, port: from - 1 });
  if (taken === undefined) return undefined;
  giveBack(taken);
  return taken[0]?.address.port;
}

async function findTargets(request: PortRequest): Promise<Target[]> {
  const found = await Promise.all(request.hosts.map((host) => resolveHost(host, request)));
  const targets = found.filter((target) => target !== undefined);
  if (targets.length === 0) {
    return [{ host: chooseEveryInterface(), shownHost: undefined, ipv6Only: false }];
  }
  const hosts = new Set(targets.map(({ host }) => host));
  const hasIpv4 = targets.some(({ host }) => !host.includes(":"));
  return targets
    .filter(({ host }, index) => targets.findIndex((each) => each.host === host) === index)
    .filter(({ host }) => {
      // Every interface of a family holds the others of that family.
      const every = host.includes(":") ? EVERY_INTERFACE_6 : EVERY_INTERFACE_4;
      return host === every || !hosts.has(every);
    })
    .map((target) =>
      target.host === EVERY_INTERFACE_6 ? { ...target, ipv6Only: hasIpv4 } : target,
    );
}

/** Both families where the system has IPv6, else IPv4. */
function chooseEveryInterface(): string {
  return canBind(EVERY_INTERFACE_6) ? EVERY_INTERFACE_6 : EVERY_INTERFACE_4;
}

function canBind(host: string): boolean {
  try {
    new BoundSocket({ host, port: 0 }).close();
    return true;
  } catch (error) {
    // Any other failure is told when the port itself is taken.
    const { code } = error as NodeJS.ErrnoException;
    return code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL";
  }
}

/** undefined: the variable HOST holds what other programs have put there. */
async function resolveHost(host: string, request: PortRequest): Promise<Target | undefined> {
  const { words, warn } = request;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  // A name may have an address of a family that the system lacks beside another.
  const usable = addresses.find(({ address }) => canBind(address));
  const foreign = whyForeign(host, addresses.length > 0, usable !== undefined, words.hostOrigin);
  if (foreign !== undefined) {
    warn(
      `HOST ${JSON.stringify(host)} in the environment is passed over: ${foreign} (other programs set HOST too; give --host to choose an address, or unset HOST)`,
    );
    return undefined;
  }
  const address = usable ?? addresses[0];
  if (address === undefined) {
    const origin = formatOrigin(words.hostOrigin);
    throw new OperationError(
      `cannot listen on host ${JSON.stringify(host)}: no such name (${origin === undefined ? "" : `${origin}; `}give a name or an address of this machine, e.g. ${words.example})`,
    );
  }
  return { host: address.address, shownHost: host, ipv6Only: false };
}

/**
 * conda sets HOST to a triple such as x86_64-conda-linux-gnu, csh to the machine's name, which may lead
 * to an address that only the machine itself reaches. A `--host` that was typed is meant.
 */
function whyForeign(
  host: string,
  isName: boolean,
  isUsable: boolean,
  origin: ValueOrigin | undefined,
): string | undefined {
  if (origin?.kind !== "environment") return undefined;
  if (isOwnHostName(host)) return "it is the machine's own name, as shells set it";
  if (!isName) return "it is no address of this machine, and no such name is known";
  return isUsable ? undefined : "it is no address of this machine";
}
