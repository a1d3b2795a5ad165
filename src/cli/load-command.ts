// `weir load`: reads what to load and how, runs it, and reports. The positional form is the one of
// the ancestor's request tester and prints its lines; the URL form tells more.

import { OperationError } from "../base/operation-error.ts";
import { parseHost, parsePositiveInteger, parseSeconds } from "../config/quantity.ts";
import { parseValue, quote, UsageError } from "../config/usage-error.ts";
import { openConnectionCountMax } from "../load/load-limits.ts";
import type { LoadResult } from "../load/load-result.ts";
import { type LoadOptions, runLoad } from "../load/load-run.ts";
import { formatRequestTarget } from "../load/request-bytes.ts";
import { describeUnknownSource } from "../load/request-outcome.ts";
import { findUnknownSource } from "../load/source-addresses.ts";
import { formatLoadJson } from "../report/load-json.ts";
import { formatLoadLines, formatLoadSummary } from "../report/load-text.ts";
import type { Command, CommandArgs } from "./command.ts";
import { loadFlags } from "./flag-table.ts";
import { checkWritable, chooseTextOutput, writeResult } from "./result-file.ts";
import { listenForStop } from "./stop-signal.ts";
import { parseTargetPort, parseTargetUrl } from "./target-url.ts";

/** COUNT requests each take a connection of their own; for more, the URL form keeps them open. */
const countMax = 1_000_000;

type LoadArgs = CommandArgs<typeof loadFlags>;

/** What to run, how to print it, and what the person should know beforehand. */
interface LoadJob {
  readonly options: LoadOptions;
  readonly format: (result: LoadResult) => string;
  readonly notes: readonly string[];
}

export const loadCommand: Command<typeof loadFlags> = {
  name: "load",
  summary: "send many requests to a server and report what came back",
  usage: ["load URL [options]", "load HOST PORT PATH COUNT [DELAY] [options]"],
  details: [
    "With a URL, sends --requests over --connections that are kept open; each sends its next request " +
      "when the last one is answered.",
    "With HOST PORT PATH COUNT, sends COUNT requests at once, each on a connection of its own, or one " +
      `every DELAY seconds. At most ${openConnectionCountMax} are on their way at any moment.`,
    "429 is the server's limit at work: it is counted apart from errors, and as failed in the lines " +
      "of the second form.",
  ],
  flags: loadFlags,
  examples: [
    {
      text: "weir load http://localhost:8001/ -n 10000 -c 50",
      meaning: "10000 requests over 50 connections",
    },
    {
      text: "weir load localhost 8001 /index.html 10 0.25",
      meaning: "10 requests, one every quarter of a second",
    },
    {
      text: "weir load http://localhost:8001/ --source 127.0.0.1-127.0.0.20 --json -",
      meaning: "as 20 clients, the result as JSON",
    },
  ],
  exitCodes: [[130, "stopped by Ctrl-C; what was done is reported"]],
  run: runLoadCommand,
};

async function runLoadCommand(args: LoadArgs): Promise<number> {
  const { values, stderr } = args;
  const job = args.positionals.length === 1 ? readUrlForm(args) : readPositionalForm(args);
  if (values.timeout === 0) {
    throw new UsageError('cannot use "0" for --timeout: give a duration of at least 1ms');
  }
  checkWritable(values.json);
  await checkSources(job.options.sources ?? []);
  for (const note of job.notes) stderr.write(`weir: ${note}\n`);
  const stop = listenForStop();
  try {
    const result = await runLoad({ ...job.options, signal: stop.signal });
    report(result, job, args);
    const stopCode = stop.exitCode();
    if (stopCode !== undefined) return stopCode;
    if (result.answered === 0) throw new OperationError(explainNoAnswer(result));
    return 0;
  } finally {
    stop.release();
  }
}

function readUrlForm({ values, positionals }: LoadArgs): LoadJob {
  const url = parseValue("URL", positionals[0]!, (text) => parseTargetUrl(text, ["http"]));
  const sources = values.source ?? [];
  const connections = Math.max(values.connections, sources.length);
  const isRaised = connections > values.connections && values.requests > values.connections;
  return {
    options: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? 80 : Number(url.port),
      requestTarget: url.pathname + url.search,
      requests: values.requests,
      connections,
      keepAlive: true,
      delayMs: values.delay,
      sources,
      timeoutMs: values.timeout,
    },
    format: formatLoadSummary,
    notes: isRaised ? [`opening ${connections} connections, one for each --source address`] : [],
  };
}

function readPositionalForm({ values, positionals }: LoadArgs): LoadJob {
  const [host, port, path, count, delay, surplus] = positionals;
  if (!host || !port || path === undefined || count === undefined || surplus !== undefined) {
    const given = positionals.map(quote).join(" ") || "nothing";
    throw new UsageError(`cannot load ${given}: give URL, or HOST PORT PATH COUNT [DELAY]`);
  }
  const requests = parseValue("COUNT", count, (text) => parsePositiveInteger(text, countMax));
  const delayMs = delay === undefined ? values.delay : parseValue("DELAY", delay, parseSeconds);
  const isCapped = delayMs === 0 && requests > openConnectionCountMax;
  return {
    options: {
      host: parseValue("HOST", host, parseHost),
      port: parseValue("PORT", port, parseTargetPort),
      requestTarget: formatRequestTarget(path),
      requests,
      connections: openConnectionCountMax,
      keepAlive: false,
      delayMs,
      sources: values.source ?? [],
      timeoutMs: values.timeout,
    },
    format: formatLoadLines,
    notes: isCapped
      ? [`at most ${openConnectionCountMax} of the ${requests} requests are open at once`]
      : [],
  };
}

async function checkSources(sources: readonly string[]): Promise<void> {
  const unknown = await findUnknownSource(sources);
  if (unknown === undefined) return;
  const remedy = "give one that it has, or add this one to an interface first";
  throw new OperationError(`${describeUnknownSource(unknown)}; ${remedy}`);
}

function report(result: LoadResult, { format }: LoadJob, { values, stdout, stderr }: LoadArgs) {
  const { json } = values;
  chooseTextOutput(json, { stdout, stderr }).write(format(result));
  if (json !== undefined) writeResult(json, formatLoadJson(result), stdout);
}

function explainNoAnswer({ plan, failuresByReason }: LoadResult): string {
  const [example] = Object.values(failuresByReason).map((failure) => failure.example);
  return `no request to ${quote(plan.url)} got an answer: ${example}`;
}
