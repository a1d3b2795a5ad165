// The flags of `weir load`, a part of the table in flag-table.ts: as data, with the same columns.

import { parsePath, parseSeconds, parseSwitch } from "../config/quantity.ts";
import {
  parseCount,
  parseLoadHeaders,
  parseLoadSources,
  parseLoadStages,
  parseSpan,
} from "../load/flag-values.ts";
import { parseThresholds } from "../load/threshold.ts";
import type { FlagTable } from "./flag.ts";

const requestCountMax = 1_000_000_000;
/** One source address has no more ports than this towards one server. */
const connectionCountMax = 65_535;
/** More threads than any machine has cores for would only measure themselves. */
const loadThreadCountMax = 256;
/** Servers read ahead a few requests; what lies behind waits in their socket. */
const pipeliningMax = 1000;
const roundCountMax = 1000;

export const loadFlags = [
  {
    name: "requests",
    short: "n",
    placeholder: "N",
    fallbackText: "100, unless the time has an end",
    parse: (text) => parseCount(text, requestCountMax),
    help: "how many requests to send",
  },
  {
    name: "duration",
    short: "d",
    placeholder: "D",
    fallbackText: "until all are sent",
    parse: parseSpan,
    help: "send for so long; with --requests, whichever ends first",
  },
  {
    name: "connections",
    short: "c",
    placeholder: "N",
    fallback: "10",
    parse: (text) => parseCount(text, connectionCountMax),
    help: "connections open at once",
  },
  {
    name: "threads",
    short: "t",
    placeholder: "N",
    fallback: "1",
    parse: (text) => parseCount(text, loadThreadCountMax),
    help: "threads that send, at most one for each connection",
  },
  {
    name: "rate",
    placeholder: "N/s|D@N/s,...",
    fallbackText: "each connection sends when it is answered",
    parse: parseLoadStages,
    help: "send by this schedule, whether or not answers come: 500/s, or 30s@50/s,1m@200/s",
  },
  {
    name: "delay",
    placeholder: "D",
    fallback: "0",
    parse: parseSeconds,
    help: "wait between one submission and the next",
  },
  {
    name: "warm-up",
    placeholder: "D",
    fallback: "0",
    parse: parseSeconds,
    help: "send for so long before the run, without counting",
  },
  {
    name: "keep-alive",
    fallback: "on",
    parse: parseSwitch,
    help: "keep connections open; off: one for each request",
  },
  {
    name: "pipelining",
    placeholder: "N",
    fallback: "1",
    parse: (text) => parseCount(text, pipeliningMax),
    help: "requests on their way on one connection at once",
  },
  {
    name: "head",
    fallback: "off",
    parse: parseSwitch,
    help: "send HEAD instead of GET",
  },
  {
    name: "header",
    short: "H",
    placeholder: "'NAME: VALUE'",
    repeats: true,
    parse: parseLoadHeaders,
    help: "send this header field too; may be given several times",
  },
  {
    name: "urls",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "ask for the URLs of this file in turn, one a line; all of one server",
  },
  {
    name: "source",
    placeholder: "ADDR[,ADDR|A-B]",
    fallbackText: "chosen by the system",
    parse: parseLoadSources,
    help: "send from these local addresses in turn: 127.0.0.1-127.0.0.20, or 127.0.1.0/28",
  },
  {
    name: "timeout",
    placeholder: "D",
    fallback: "30s",
    parse: parseSpan,
    help: "count a request as failed when its answer takes longer",
  },
  {
    name: "insecure",
    fallback: "off",
    parse: parseSwitch,
    help: "take any certificate of an https server",
  },
  {
    name: "polite",
    fallback: "off",
    parse: parseSwitch,
    help: "wait as the server's limit tells, so that it refuses nothing",
  },
  {
    name: "check",
    fallback: "off",
    parse: parseSwitch,
    help: "compare the bodies of all answers; different ones are a failure",
  },
  {
    name: "fail-if",
    placeholder: "CONDITION",
    repeats: true,
    parse: parseThresholds,
    help: "exit 99 if this is so, such as p99>200ms; may be given several times",
  },
  {
    name: "compare",
    fallback: "off",
    parse: parseSwitch,
    help: "load two URLs in turn, --rounds times each, and compare them",
  },
  {
    name: "rounds",
    placeholder: "N",
    fallbackText: "1; with --compare 7",
    parse: (text) => parseCount(text, roundCountMax),
    help: "repeat the run, for results that can be compared",
  },
  {
    name: "json",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the result as JSON into a file, or to stdout",
  },
  {
    name: "csv",
    placeholder: "FILE|-",
    parse: parsePath,
    help: "write the counts of each second as CSV",
  },
  {
    name: "report",
    placeholder: "FILE",
    parse: parsePath,
    help: "write the result as one HTML page with plots",
  },
] as const satisfies FlagTable;
