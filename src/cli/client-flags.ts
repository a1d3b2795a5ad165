// The flags of the small commands that ask servers or read results: `weir get`, `weir compare`,
// `weir lab`. A part of the table in flag-table.ts.

import { parseDuration, parsePath, parseSwitch } from "../config/quantity.ts";
import type { FlagTable } from "./flag.ts";

export const getFlags = [
  {
    name: "head",
    fallback: "off",
    parse: parseSwitch,
    help: "ask for the head only and print nothing: the exit status tells",
  },
  {
    name: "timeout",
    placeholder: "D",
    fallback: "30s",
    parse: parseDuration,
    help: "give up when the answer takes longer",
  },
] as const satisfies FlagTable;

export const compareFlags = [
  {
    name: "json",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the comparison as JSON into a file, or to stdout",
  },
] as const satisfies FlagTable;

export const labFlags = [
  {
    name: "json",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the results as JSON into a file, or to stdout",
  },
  {
    name: "report",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the results as one HTML page with plots",
  },
] as const satisfies FlagTable;
