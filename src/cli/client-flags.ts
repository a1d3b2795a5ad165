// The flags of the small commands that ask servers or read results: `weir get`, `weir compare`,
// `weir lab`. A part of the table in flag-table.ts.

import { parseIntegerBetween, parsePath, parseSeconds, parseSwitch } from "../config/quantity.ts";
import { parseSpan } from "../load/flag-values.ts";
import type { FlagTable } from "./flag.ts";

/** With the waits in between, hours. */
const RETRIES_MAX = 1000;

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
    parse: parseSpan,
    help: "give up when nothing comes for so long; what makes progress may take any time",
  },
  {
    name: "continue",
    short: "C",
    env: "WEIR_CONTINUE",
    fallback: "off",
    parse: parseSwitch,
    help: "continue a download that was stopped; text is saved too",
  },
  {
    name: "retries",
    env: "WEIR_RETRIES",
    placeholder: "N",
    fallback: "5",
    parse: (text) => parseIntegerBetween(text, 0, RETRIES_MAX),
    help: "how often to try again what is refused for now or breaks off; 0: never",
  },
  {
    name: "max-wait",
    env: "WEIR_MAX_WAIT",
    placeholder: "D",
    fallback: "1m",
    parse: parseSeconds,
    help: "give up when the server asks to wait longer",
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
