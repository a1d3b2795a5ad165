// Reader of `--source`: addresses and ranges as src/config/address-list.ts has them, and networks as
// 127.0.1.0/28, which stand for all their addresses. Pure; used by the flag table.

import { isIPv4 } from "node:net";
import { parseAddressList } from "../config/address-list.ts";
import { UsageError } from "../config/usage-error.ts";

/** A /20 has 4096 addresses, as many as a list may hold. */
const prefixLengthMin = 20;

/** Every address, networks and ranges written out, in the order typed, each once. */
export function parseLoadSources(text: string): readonly string[] {
  return parseAddressList(text.split(",").map(toRange).join(","));
}

function toRange(part: string): string {
  const [address = "", length, ...rest] = part.trim().split("/");
  if (length === undefined) return part;
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || !isIPv4(address) || !(prefixLength <= 32)) {
    throw new UsageError("give a network as 127.0.1.0/28, of IPv4 and with a length up to 32");
  }
  if (prefixLength < prefixLengthMin) {
    throw new UsageError(`give a network of /${prefixLengthMin} to /32`);
  }
  const addressCount = 2 ** (32 - prefixLength);
  const given = address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
  const first = given - (given % addressCount);
  return `${toAddress(first)}-${toAddress(first + addressCount - 1)}`;
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
