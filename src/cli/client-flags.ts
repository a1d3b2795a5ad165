// The flags of the small commands that ask servers or read results: `weir get`, `weir compare`,
// `weir lab`.
//
// A variable fits where a setting outlives one call. For `weir get` that is its patience, which depends on
// the network it runs in. `weir load`, `lab` and `compare` have none: a measurement that a forgotten
// variable changes is wrong, and what was typed is what it measured.

import { type FlagTable, OFF } from "../config/flag.ts";
import { parseIntegerBetween, parsePath, parseSeconds } from "../config/quantity.ts";
import { parseSpan } from "../load/flag-values.ts";

/** With the waits in between, hours. */
const RETRIES_MAX = 1000;

export const getFlags = [
  {
    name: "head",
    ...OFF,
    help: "ask for the head only and print nothing: the exit status tells",
  },
  {
    name: "timeout",
    env: "WEIR_TIMEOUT",
    kind: "duration",
    placeholder: "D",
    fallback: "30s",
    parse: parseSpan,
    help: "give up when nothing arrives for this long; a slow download may take any time",
  },
  {
    name: "continue",
    short: "C",
    env: "WEIR_CONTINUE",
    ...OFF,
    help: "continue a download that was stopped; text is saved too",
  },
  {
    name: "retries",
    env: "WEIR_RETRIES",
    kind: "number",
    placeholder: "N",
    fallback: "5",
    parse: (text) => parseIntegerBetween(text, 0, RETRIES_MAX),
    help: "how often to retry after a refusal or a broken connection; 0: never",
  },
  {
    name: "max-wait",
    env: "WEIR_MAX_WAIT",
    kind: "duration",
    placeholder: "D",
    fallback: "1m",
    parse: parseSeconds,
    help: "give up when the server asks to wait longer",
  },
] as const satisfies FlagTable;

export const compareFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the comparison as JSON into a file, or to stdout",
  },
] as const satisfies FlagTable;

export const labFlags = [
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the results as JSON into a file, or to stdout",
  },
  {
    name: "report",
    kind: "file",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the results as one HTML page with plots",
  },
] as const satisfies FlagTable;
