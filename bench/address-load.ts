// Load from many clients at once, each from an address of its own, at a constant rate; and the server's
// CPU time for one of the answers.

import type { Contender } from "./measure-in-turn.ts";
import { type OpenLoad, runOpenLoad } from "./open-load.ts";
import type { Server } from "./peers/peer-process.ts";
import { readCpuNs } from "./process-tree.ts";

export interface AddressLoad extends Pick<OpenLoad, "path" | "ratePerSecond" | "connections"> {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** So many different ones of this machine. */
export function loopbackAddresses(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  );
}

/** @returns what measures CPU time for one answer, in µs */
export function contendFrom(
  server: Pick<Server, "pid" | "port">,
  { name, ...load }: AddressLoad,
): Contender {
  const measure = async (seconds: number): Promise<number> => {
    const startNs = readCpuNs(server.pid);
    const { answers } = await runOpenLoad({ ...load, port: server.port, seconds });
    return (readCpuNs(server.pid) - startNs) / answers / 1000;
  };
  return { name, measure };
}
