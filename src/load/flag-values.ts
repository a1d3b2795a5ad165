// Readers for the values of `weir load`'s flags: counts and times (`10k`, `10s`), rates and stages
// (`500/s`, `30s@50/s,1m@200/s`), header fields, and source addresses. They are pure, the flag table uses
// them, and they throw a UsageError that says what is allowed. They accept what other tools of the kind
// accept: a time without a unit is in seconds, a rate without a time is per second.

import { isIP, isIPv4 } from "node:net";
import { parseSeconds } from "../config/quantity.ts";
import { UsageError } from "../config/usage-error.ts";
import type { LoadStage } from "./result.ts";

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const THOUSANDS = { "": 1, k: 1e3, m: 1e6, g: 1e9 } as const;
const RATE_PER_SECOND_MAX = 1_000_000;
const STAGE_COUNT_MAX = 100;

/** A whole number from 1 to `max`, also as `10k`, `2M`, `1e6` or `1_000_000`. */
export function parseCount(text: string, max: number): number {
  const [, digits = "", power = "0", suffix = ""] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:e(\d{1,2}))?([kmg]?)$/.exec(
      text.toLowerCase().replace(/(?<=\d)_(?=\d)/g, ""),
    ) ?? [];
  const count = Number(`${digits}e${power}`) * THOUSANDS[suffix as keyof typeof THOUSANDS];
  // In binary 1.1k is 1100.0000000000002; 1.0001k is really not a whole number.
  const whole = Math.round(count);
  if (digits !== "" && Math.abs(count - whole) < 1e-6 && whole >= 1 && whole <= max) return whole;
  throw new UsageError(`give a whole number from 1 to ${max}`);
}

/** Milliseconds, at least 1. */
export function parseSpan(text: string): number {
  const ms = parseSeconds(text);
  if (ms === 0) throw new UsageError("give a duration of at least 1ms");
  return ms;
}

/** One rate without an end, or several, each with the time it lasts. */
export function parseLoadStages(text: string): readonly LoadStage[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length === 1 && !text.includes("@")) {
    return [{ durationMs: undefined, ratePerSecond: parseRatePerSecond(text) }];
  }
  if (parts.length > STAGE_COUNT_MAX)
    throw new UsageError(`give at most ${STAGE_COUNT_MAX} stages`);
  return parts.map((part) => {
    const [span = "", rate, ...rest] = part.split("@");
    if (rate === undefined || rest.length > 0) {
      throw new UsageError("give each stage as DURATION@RATE, such as 30s@50/s,1m@200/s");
    }
    return { durationMs: parseSpan(span), ratePerSecond: parseRatePerSecond(rate) };
  });
}

/** Requests a second: `500/s`, `0.5/s`, `90/m`, `100/15m`; a number alone is per second. */
export function parseRatePerSecond(text: string): number {
  const [, amount = "", count = "1", unit = "s"] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:\/(\d{1,9}(?:\.\d{1,9})?)?([smhd]))?$/.exec(text) ?? [];
  const rate = Number(amount) / (Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]);
  if (rate > 0 && rate <= RATE_PER_SECOND_MAX) return rate;
  throw new UsageError(
    `give a rate such as 500/s, 0.5/s, 90/m or 100/15m, at most ${RATE_PER_SECOND_MAX}/s`,
  );
}

/** Only the run decides about these: it sends no body, and connections have a flag of their own. */
const OWN_NAMES = ["content-length", "transfer-encoding", "connection", "upgrade", "expect"];

/** Field lines as they go over the wire, `Name: value`. */
export function parseLoadHeaders(text: string): readonly string[] {
  return Object.freeze(text.split("\n").map(parseHeader));
}

function parseHeader(line: string): string {
  // RFC 9110 §5.5: characters that nobody can read as another line or field.
  const [, name, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError("give a name, a colon and a value, such as 'Accept: text/html'");
  }
  if (OWN_NAMES.includes(name.toLowerCase())) {
    throw new UsageError(`leave ${name} out: weir decides about it`);
  }
  return `${name}: ${value}`;
}

/** No machine needs more, and a range typed the wrong way must not fill the memory. */
const SOURCE_COUNT_MAX = 4096;
/** A /20 has 4096 addresses. */
const PREFIX_LENGTH_MIN = 20;
const SOURCE_FORMS =
  "give IP addresses separated by commas, or a range such as 127.0.0.1-127.0.0.20";

/**
 * Addresses, ranges (`127.0.0.1-127.0.0.20`) and networks (`127.0.1.0/28`), separated by commas. Returns
 * every address that they stand for, in the order typed, each once.
 */
export function parseLoadSources(text: string): readonly string[] {
  const addresses = new Set<string>();
  for (const part of text.split(",")) {
    for (const address of expandSource(part.trim())) addresses.add(address);
    if (addresses.size > SOURCE_COUNT_MAX) refuseLength();
  }
  return Object.freeze([...addresses]);
}

function expandSource(part: string): string[] {
  if (isIP(part) !== 0) return [part];
  if (part.includes("/")) return expandNetwork(part);
  const [first = "", last = "", ...rest] = part.split("-");
  if (!isIPv4(first) || !isIPv4(last) || rest.length > 0) throw new UsageError(SOURCE_FORMS);
  const addressCount = toNumber(last) - toNumber(first) + 1;
  if (addressCount < 1) throw new UsageError(`write the lower address first: ${last}-${first}`);
  return listAddresses(toNumber(first), addressCount);
}

function expandNetwork(part: string): string[] {
  const [address = "", length = "", ...rest] = part.split("/");
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || !isIPv4(address) || !(prefixLength <= 32)) {
    throw new UsageError("give a network such as 127.0.1.0/28, IPv4 and with a length up to 32");
  }
  if (prefixLength < PREFIX_LENGTH_MIN) {
    throw new UsageError(`give a network of /${PREFIX_LENGTH_MIN} to /32`);
  }
  const addressCount = 2 ** (32 - prefixLength);
  const given = toNumber(address);
  return listAddresses(given - (given % addressCount), addressCount);
}

function listAddresses(first: number, count: number): string[] {
  if (count > SOURCE_COUNT_MAX) refuseLength();
  return Array.from({ length: count }, (_, index) => toAddress(first + index));
}

function refuseLength(): never {
  throw new UsageError(`give at most ${SOURCE_COUNT_MAX} addresses`);
}

function toNumber(address: string): number {
  return address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
