// The flags of `weir load`, a row each. Their values are read by flag-values.ts and threshold.ts. Used by
// command.ts.

import { type FlagTable, OFF, ON } from "../config/flag.ts";
import { parsePath, parseSeconds } from "../config/quantity.ts";
import {
  parseCount,
  parseLoadHeaders,
  parseLoadSources,
  parseLoadStages,
  parseSpan,
} from "./flag-values.ts";
import { parseThresholds } from "./threshold.ts";

const REQUEST_COUNT_MAX = 1_000_000_000;
/** One source address has this many ports towards one server. */
const CONNECTION_COUNT_MAX = 65_535;
/** More threads than any machine has cores for would only measure themselves. */
const THREAD_COUNT_MAX = 256;
/** Servers read a few requests ahead; the rest waits in their sockets. */
const PIPELINING_MAX = 1000;
const ROUND_COUNT_MAX = 1000;

export const loadFlags = [
  {
    name: "requests",
    short: "n",
    kind: "number",
    placeholder: "N",
    fallbackText: "100, unless the time has an end",
    parse: (text) => parseCount(text, REQUEST_COUNT_MAX),
    help: "how many requests to send",
  },
  {
    name: "duration",
    short: "d",
    kind: "duration",
    placeholder: "D",
    fallbackText: "until all are sent",
    parse: parseSpan,
    help: "send for this long; with --requests, whichever ends first",
  },
  {
    name: "connections",
    short: "c",
    kind: "number",
    placeholder: "N",
    fallback: "10",
    parse: (text) => parseCount(text, CONNECTION_COUNT_MAX),
    help: "connections open at once",
  },
  {
    name: "threads",
    short: "t",
    kind: "number",
    placeholder: "N",
    fallback: "1",
    parse: (text) => parseCount(text, THREAD_COUNT_MAX),
    help: "threads that send, at most one for each connection",
  },
  {
    name: "rate",
    kind: "text",
    placeholder: "N/s|D@N/s,...",
    fallbackText: "each connection sends when it is answered",
    parse: parseLoadStages,
    help: "send by this schedule, whether or not answers come: 500/s, or 30s@50/s,1m@200/s",
  },
  {
    name: "delay",
    kind: "duration",
    placeholder: "D",
    fallback: "0",
    parse: parseSeconds,
    help: "wait between one submission and the next",
  },
  {
    name: "warm-up",
    kind: "duration",
    placeholder: "D",
    fallback: "0",
    parse: parseSeconds,
    help: "send for this long before the run, without counting",
  },
  {
    name: "keep-alive",
    ...ON,
    help: "keep connections open; off: one for each request",
  },
  {
    name: "pipelining",
    kind: "number",
    placeholder: "N",
    fallback: "1",
    parse: (text) => parseCount(text, PIPELINING_MAX),
    help: "requests on their way on one connection at once",
  },
  {
    name: "head",
    ...OFF,
    help: "send HEAD instead of GET",
  },
  {
    name: "header",
    short: "H",
    kind: "text",
    placeholder: "'NAME: VALUE'",
    repeats: true,
    parse: parseLoadHeaders,
    help: "send this header field too; may be given several times",
  },
  {
    name: "urls",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "ask for the URLs of this file in turn, one a line; all of one server",
  },
  {
    name: "source",
    kind: "list",
    placeholder: "ADDR[,ADDR|A-B]",
    fallbackText: "chosen by the system",
    parse: parseLoadSources,
    help: "send from these local addresses in turn: 127.0.0.1-127.0.0.20, or 127.0.1.0/28",
  },
  {
    name: "timeout",
    kind: "duration",
    placeholder: "D",
    fallback: "30s",
    parse: parseSpan,
    help: "count a request as failed when its answer takes longer",
  },
  {
    name: "insecure",
    ...OFF,
    help: "take any certificate of an https server",
  },
  {
    name: "polite",
    ...OFF,
    help: "wait as the server's limit asks, so that it refuses nothing",
  },
  {
    name: "check",
    ...OFF,
    help: "compare the bodies of all answers; different ones are a failure",
  },
  {
    name: "fail-if",
    kind: "text",
    placeholder: "CONDITION",
    repeats: true,
    parse: parseThresholds,
    help: "exit 99 if this is so, such as p99>200ms; may be given several times",
  },
  {
    name: "compare",
    ...OFF,
    help: "load two URLs in turn, --rounds times each, and compare them",
  },
  {
    name: "rounds",
    kind: "number",
    placeholder: "N",
    fallbackText: "1; with --compare 7",
    parse: (text) => parseCount(text, ROUND_COUNT_MAX),
    help: "repeat the run, for results that can be compared",
  },
  {
    name: "json",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the result as JSON into a file, or to stdout",
  },
  {
    name: "csv",
    kind: "file",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the counts of each second as CSV",
  },
  {
    name: "report",
    kind: "file",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the result as one HTML page with plots",
  },
] as const satisfies FlagTable;
