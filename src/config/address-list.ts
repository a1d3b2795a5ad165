// Reader of a list of local addresses: `127.0.0.1`, `127.0.0.1,::1`, `127.0.0.1-127.0.0.20`. Pure;
// used by the flags of the load client, which sends from these addresses in turn.

import { isIP, isIPv4 } from "node:net";
import { UsageError } from "./usage-error.ts";

/** As many as one machine has use for; a range typed the wrong way must not fill the memory. */
export const addressCountMax = 4096;

const allowed = "give IP addresses separated by commas, or a range such as 127.0.0.1-127.0.0.20";

/** Every address, ranges written out, in the order typed, each once. */
export function parseAddressList(text: string): readonly string[] {
  const addresses = new Set<string>();
  for (const part of text.split(",")) {
    for (const address of expand(part.trim())) addresses.add(address);
    if (addresses.size > addressCountMax) refuseLength();
  }
  return Object.freeze([...addresses]);
}

function expand(part: string): string[] {
  if (isIP(part) !== 0) return [part];
  const [first = "", last = "", ...rest] = part.split("-");
  if (!isIPv4(first) || !isIPv4(last) || rest.length > 0) throw new UsageError(allowed);
  const firstNumber = toNumber(first);
  const addressCount = toNumber(last) - firstNumber + 1;
  if (addressCount < 1) throw new UsageError(`write the lower address first: ${last}-${first}`);
  if (addressCount > addressCountMax) refuseLength();
  return Array.from({ length: addressCount }, (_, index) => toAddress(firstNumber + index));
}

function toNumber(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

function refuseLength(): never {
  throw new UsageError(`give at most ${addressCountMax} addresses`);
}
