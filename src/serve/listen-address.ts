// Takes ports: turns host names into addresses and takes the port on all of them, with an error that a
// person can act on (listen-error.ts). Runs on the main thread before any server thread starts.
// acceptor.ts takes Unix sockets.

import { lookup } from "node:dns/promises";
import { BoundSocket, type Socket } from "node:net";
import { OperationError } from "../base/operation-error.ts";
import { formatOrigin, type ValueOrigin } from "../config/usage-error.ts";
import { BindError, type ListenWords, listenError, portInUse } from "./listen-error.ts";
import { isOwnHostName } from "./network-addresses.ts";

export interface ListenAddress {
  /** A numeric address. */
  readonly host: string;
  readonly port: number;
  /** True for "::" where IPv4 has listeners of its own. */
  readonly ipv6Only: boolean;
}

/** An address that is ours, though nothing listens on it until a listener takes its socket over. */
export interface TakenPort {
  readonly address: ListenAddress;
  /** As the user gave it; undefined for every interface. */
  readonly shownHost: string | undefined;
  /** A Socket where another program has opened it (site-listeners.ts). */
  readonly keeper: BoundSocket | Socket;
}

export interface PortRequest {
  /** Names and addresses as the user gave them; an empty list means every interface. */
  readonly hosts: readonly string[];
  /** 0 takes a free port, the same on all addresses. */
  readonly port: number;
  /** Whether to take the next free port if this one is in use. */
  readonly takesNext: boolean;
  /** Ports that are meant for something else. */
  readonly reserved: readonly number[];
  readonly words: ListenWords;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

const EVERY_INTERFACE_6 = "::";
const EVERY_INTERFACE_4 = "0.0.0.0";
/** Where so many ports in a row are in use, there is a reason, and searching on does not help. */
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
 * on it one after the other. With SO_REUSEPORT a second server of the same user could share the port
 * unnoticed. So the port is first taken without it, which fails if another program listens there.
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

/** The host that messages show; undefined for every interface. */
export function shownHostOf({ host }: Pick<ListenAddress, "host">): string | undefined {
  return host === EVERY_INTERFACE_6 || host === EVERY_INTERFACE_4 ? undefined : host;
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
      // The address of every interface includes all others of its family.
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
    // Any other failure is reported when the port itself is taken.
    const { code } = error as NodeJS.ErrnoException;
    return code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL";
  }
}

/** Undefined where the variable HOST holds what another program has put there. */
async function resolveHost(host: string, request: PortRequest): Promise<Target | undefined> {
  const { words, warn } = request;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  // One of a name's addresses may be of a family that this system lacks.
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
 * conda sets HOST to a triple such as x86_64-conda-linux-gnu. csh sets it to the machine's name, which may
 * lead to an address that only the machine itself reaches. A `--host` that was typed is always meant.
 */
function whyForeign(
  host: string,
  isName: boolean,
  isUsable: boolean,
  origin: ValueOrigin | undefined,
): string | undefined {
  if (origin?.kind !== "environment") return undefined;
  if (isOwnHostName(host)) return "it is the machine's own name, as shells set it";
  if (!isName) return "it is not an address of this machine, and no name that is known";
  return isUsable ? undefined : "it is not an address of this machine";
}
