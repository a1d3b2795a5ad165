// From what was typed after `weir load` to the runs to make. Reads the file of `--urls` and nothing else
// from outside. Used by command.ts.

import type { CommandArgs } from "../cli/command.ts";
import { readInput } from "../cli/places.ts";
import { parseHost, parseSeconds } from "../config/quantity.ts";
import {
  EXAMPLE_URL,
  formatRequestTarget,
  formatTarget,
  parseTarget,
  parseTargetPort,
  readHostAndPort,
  type Target,
} from "../config/urls.ts";
import { parseValue, quote, UsageError } from "../config/usage-error.ts";
import { parseCount } from "./flag-values.ts";
import type { loadFlags } from "./flags.ts";
import type { LoadOptions } from "./run.ts";

/** Each of the COUNT requests has its own connection. For more, the URL form keeps connections open. */
const COUNT_MAX = 1_000_000;
const REQUEST_COUNT = 100;
const COMPARED_ROUND_COUNT = 7;
const URL_COUNT_MAX = 100_000;

export type LoadArgs = CommandArgs<typeof loadFlags>;
type Values = LoadArgs["values"];

/** What to run, and what the person should know before it runs. */
export interface LoadJob {
  /** One; two with `--compare`. */
  readonly runs: readonly LoadOptions[];
  readonly rounds: number;
  /** `lines` are those of the ancestor's tester, `summary` is the full report. */
  readonly form: "lines" | "summary";
  readonly notes: readonly string[];
}

/** @throws UsageError, and OperationError where the file of `--urls` cannot be read */
export function readLoadJob(args: LoadArgs): LoadJob {
  checkFlags(args.values);
  const { values, positionals } = args;
  if (values.compare) return readComparison(args);
  if (positionals.length === 1 || values.urls !== undefined) return readUrlForm(args);
  const target = readHostAndPort(positionals);
  return target === undefined ? readPositionalForm(args) : makeUrlJob(values, [target]);
}

/** When two flags contradict each other, the error names the one to leave out. */
function checkFlags(values: Values): void {
  const conflicts: readonly (readonly [boolean, string, string])[] = [
    [values.delayMs > 0 && values.rate !== undefined, "--delay", "--rate is a schedule already"],
    [values.pipelining > 1 && !values.keepAlive, "--pipelining", "it needs kept connections"],
    [values.check && values.head, "--check", "HEAD brings no bodies"],
    [isRepeated(values) && values.csv !== undefined, "--csv", "it holds a single run"],
    [isRepeated(values) && values.report !== undefined, "--report", "it holds a single run"],
    [values.compare && values.urls !== undefined, "--urls", "--compare takes two URLs"],
    [values.compare && values.failIf !== undefined, "--fail-if", "it judges a single run"],
    [values.json === "-" && values.csv === "-", "--csv -", "--json - takes standard output"],
  ];
  const conflict = conflicts.find(([isSo]) => isSo);
  if (conflict === undefined) return;
  throw new UsageError(`cannot use ${conflict[1]} here: ${conflict[2]}`);
}

function isRepeated({ compare, rounds = 1 }: Values): boolean {
  return compare || rounds > 1;
}

function readComparison(args: LoadArgs): LoadJob {
  const { values, positionals } = args;
  if (positionals.length !== 2) {
    throw new UsageError(`cannot compare ${quoteAll(positionals)}: give two URLs`);
  }
  const jobs = positionals.map((text) => makeUrlJob(values, [parseUrl(text)]));
  return {
    runs: jobs.flatMap(({ runs }) => runs),
    rounds: values.rounds ?? COMPARED_ROUND_COUNT,
    form: "summary",
    notes: [...new Set(jobs.flatMap(({ notes }) => notes))],
  };
}

function readUrlForm({ values, positionals }: LoadArgs): LoadJob {
  if (positionals.length > 1) {
    throw new UsageError(`cannot load ${quote(positionals[1]!)} too: --urls holds the others`);
  }
  const typed = positionals.map(parseUrl);
  return makeUrlJob(values, [...typed, ...readUrls(values.urls)]);
}

function makeUrlJob(values: Values, targets: readonly Target[]): LoadJob {
  const [target, ...others] = targets as [Target, ...Target[]];
  const stranger = others.find((other) => formatOrigin(other) !== formatOrigin(target));
  if (stranger !== undefined) {
    const advice = `give URLs of one server, such as ${formatOrigin(target)}`;
    throw new UsageError(`cannot load ${quote(formatTarget(stranger))} as well: ${advice}`);
  }
  const shared = readShared(values);
  const isKept = values.keepAlive;
  // Kept connections and those of a polite run never change their source.
  const connections =
    isKept || values.polite
      ? Math.max(values.connections, shared.sources.length)
      : values.connections;
  const hasEnd = values.durationMs !== undefined || values.rate?.at(-1)?.durationMs !== undefined;
  const requests = values.requests ?? (hasEnd ? undefined : REQUEST_COUNT);
  const isRaised =
    connections > values.connections && (requests ?? connections) > values.connections;
  const run: LoadOptions = {
    ...shared,
    ...target,
    moreTargets: others.map(({ requestTarget }) => requestTarget),
    ...(values.rate && { model: { kind: "open", stages: values.rate } }),
    requests,
    durationMs: values.durationMs,
    connections,
    threads: values.threads,
    pipelining: values.pipelining,
    keepAlive: isKept,
    delayMs: values.delayMs,
    warmUpMs: values.warmUpMs,
  };
  const notes = isRaised
    ? [`opening ${connections} connections, one for each --source address`]
    : [];
  if (values.polite && values.threads > 1)
    notes.push("sending from one thread, because --polite needs that");
  return { runs: [run], rounds: values.rounds ?? 1, form: "summary", notes };
}

function formatOrigin(target: Target): string {
  return formatTarget({ ...target, requestTarget: "/" });
}

function readShared(values: Values) {
  return {
    method: values.head ? "HEAD" : "GET",
    isInsecure: values.insecure,
    headers: values.header ?? [],
    sources: values.source ?? [],
    timeoutMs: values.timeoutMs,
    polite: values.polite,
    checksBodies: values.check,
  } as const;
}

function readPositionalForm({ values, positionals }: LoadArgs): LoadJob {
  const [host, port, path, count, delay, surplus] = positionals;
  if (!host || !port || path === undefined || count === undefined || surplus !== undefined) {
    const forms = "give URL, or HOST PORT PATH COUNT [DELAY]";
    if (positionals.length === 0) {
      throw new UsageError(`no server to load: ${forms}, such as weir load ${EXAMPLE_URL}`);
    }
    const isSeveral = positionals.every((text) => text.includes("://"));
    const more = isSeveral ? "; --compare takes two URLs, and --urls a file of them" : "";
    throw new UsageError(`cannot load ${quoteAll(positionals)}: ${forms}${more}`);
  }
  const ofUrlForm =
    (values.requests && "--requests") ??
    (values.durationMs && "--duration") ??
    (values.rate && "--rate");
  if (ofUrlForm !== undefined) {
    throw new UsageError(`cannot use ${ofUrlForm} here: give a URL, or COUNT and DELAY alone`);
  }
  const requests = parseValue("COUNT", count, (text) => parseCount(text, COUNT_MAX));
  const delayMs = delay === undefined ? values.delayMs : parseValue("DELAY", delay, parseSeconds);
  const isCapped = delayMs === 0 && requests > OPEN_CONNECTION_COUNT_MAX;
  const run: LoadOptions = {
    ...readShared(values),
    scheme: "http",
    host: parseValue("HOST", host, parseHost),
    port: parseValue("PORT", port, parseTargetPort),
    requestTarget: formatRequestTarget(path),
    requests,
    connections: OPEN_CONNECTION_COUNT_MAX,
    keepAlive: false,
    delayMs,
  };
  const notes = isCapped
    ? [`at most ${OPEN_CONNECTION_COUNT_MAX} of the ${requests} requests are open at once`]
    : [];
  return { runs: [run], rounds: values.rounds ?? 1, form: "lines", notes };
}

function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(" ") || "nothing";
}

function parseUrl(text: string): Target {
  return parseValue("URL", text, parseTarget);
}

/** One URL a line; empty lines and lines that begin with # are skipped. */
function readUrls(file: string | undefined): Target[] {
  if (file === undefined) return [];
  const lines = readInput(file, "read the URLs from").toString("utf8").split(/\r?\n/);
  const urls = lines.flatMap((line, index) => {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return [];
    const place = `line ${index + 1} of ${quote(file)}`;
    return parseValue(place, text, parseTarget);
  });
  if (urls.length === 0)
    throw new UsageError(`cannot use ${quote(file)} for --urls: it has no URL`);
  if (urls.length > URL_COUNT_MAX) {
    throw new UsageError(
      `cannot use ${quote(file)} for --urls: give at most ${URL_COUNT_MAX} URLs`,
    );
  }
  return urls;
}

/**
 * How many requests of the positional form may be open at once. The accept queues of Python and of most
 * servers hold 128 to 511 connections: more at once would measure the queue and not the server. And a
 * shell allows 1024 open files by default on some systems, 256 on others.
 */
export const OPEN_CONNECTION_COUNT_MAX = 250;
