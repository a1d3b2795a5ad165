// The addresses a host name stands for, looked up once for a whole run: a run measures the server
// and not the name service. Remembers which of several addresses answered, as `localhost` may be
// ::1 first where the server listens on 127.0.0.1 only.

import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import { type Failure, readSystemError } from "./request-outcome.ts";

/** As it goes from thread to thread. */
export interface TargetData {
  readonly kind: "resolved";
  readonly addresses: readonly string[];
  readonly port: number;
}

export class TargetAddress {
  readonly kind = "resolved";
  readonly port: number;
  #addresses: readonly string[];

  constructor(addresses: readonly string[], port: number) {
    this.#addresses = addresses;
    this.port = port;
  }

  /** Those of the family of `source`, the one that answered last first. May be empty. */
  candidates(source: string | undefined): readonly string[] {
    if (source === undefined) return this.#addresses;
    return this.#addresses.filter((address) => isIPv4(address) === isIPv4(source));
  }

  get data(): TargetData {
    return { kind: "resolved", addresses: this.#addresses, port: this.port };
  }

  /** A connection to `address` was made: it is tried first from now on. */
  confirm(address: string): void {
    if (this.#addresses[0] === address) return;
    this.#addresses = [address, ...this.#addresses.filter((other) => other !== address)];
  }
}

export function restoreTarget(target: TargetData | Failure): TargetAddress | Failure {
  return target.kind === "failed" ? target : new TargetAddress(target.addresses, target.port);
}

/** `host` is a name or an IP address without brackets. */
export async function resolveTarget(host: string, port: number): Promise<TargetAddress | Failure> {
  if (isIP(host) !== 0) return new TargetAddress([host], port);
  try {
    const found = await lookup(host, { all: true });
    return new TargetAddress([...new Set(found.map(({ address }) => address))], port);
  } catch (error) {
    return readSystemError(error as NodeJS.ErrnoException, undefined);
  }
}
