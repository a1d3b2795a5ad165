// Readers for the values of `weir load`'s flags: counts and times (`10k`, `10s`), rates and stages
// (`500/s`, `30s@50/s,1m@200/s`), header fields, and source addresses. They are pure, the flag table uses
// them, and they throw a UsageError that says what is allowed. They accept what other tools of the kind
// accept: a time without a unit is in seconds, a rate without a time is per second.

import { isIPv4 } from "node:net";
import { parseAddressList } from "../config/address-list.ts";
import { parseSeconds } from "../config/quantity.ts";
import { UsageError } from "../config/usage-error.ts";
import type { LoadStage } from "./result.ts";

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const thousands = { "": 1, k: 1e3, m: 1e6, g: 1e9 } as const;
const ratePerSecondMax = 1_000_000;
const stageCountMax = 100;

/** A whole number from 1 to `max`, also as `10k`, `2M`, `1e6` or `1_000_000`. */
export function parseCount(text: string, max: number): number {
  const [, digits = "", power = "0", suffix = ""] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:e(\d{1,2}))?([kmg]?)$/.exec(
      text.toLowerCase().replace(/(?<=\d)_(?=\d)/g, ""),
    ) ?? [];
  const count = Number(`${digits}e${power}`) * thousands[suffix as keyof typeof thousands];
  // 1.1k is 1100.0000000000002 in binary; 1.0001k is really not whole.
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

/** One rate without an end, or several with the time that each holds. */
export function parseLoadStages(text: string): readonly LoadStage[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length === 1 && !text.includes("@")) {
    return [{ durationMs: undefined, ratePerSecond: parseRatePerSecond(text) }];
  }
  if (parts.length > stageCountMax) throw new UsageError(`give at most ${stageCountMax} stages`);
  return parts.map((part) => {
    const [span = "", rate, ...rest] = part.split("@");
    if (rate === undefined || rest.length > 0) {
      throw new UsageError("give each stage as DURATION@RATE, such as 30s@50/s,1m@200/s");
    }
    return { durationMs: parseSpan(span), ratePerSecond: parseRatePerSecond(rate) };
  });
}

/** Requests a second: `500/s`, `0.5/s`, `90/m`, `100/15m`; a number alone is one a second. */
export function parseRatePerSecond(text: string): number {
  const [, amount = "", count = "1", unit = "s"] =
    /^(\d{1,15}(?:\.\d{1,9})?)(?:\/(\d{1,9}(?:\.\d{1,9})?)?([smhd]))?$/.exec(text) ?? [];
  const rate = Number(amount) / (Number(count) * unitSeconds[unit as keyof typeof unitSeconds]);
  if (rate > 0 && rate <= ratePerSecondMax) return rate;
  throw new UsageError(
    `give a rate such as 500/s, 0.5/s, 90/m or 100/15m, at most ${ratePerSecondMax}/s`,
  );
}

/** The run alone decides about these: no body is sent, and connections have a flag of their own. */
const ownNames = ["content-length", "transfer-encoding", "connection", "upgrade", "expect"];

/** Field lines as they go over the wire, `Name: value`. */
export function parseLoadHeaders(text: string): readonly string[] {
  return Object.freeze(text.split("\n").map(parseHeader));
}

function parseHeader(line: string): string {
  // RFC 9110 §5.5: what the wire takes without being read as another line or field.
  const [, name, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError("give a name, a colon and a value, such as 'Accept: text/html'");
  }
  if (ownNames.includes(name.toLowerCase())) {
    throw new UsageError(`leave ${name} out: weir sends what it needs of it`);
  }
  return `${name}: ${value}`;
}

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
