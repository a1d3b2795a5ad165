// `weir get`: fetches one file. Text goes to stdout, anything else into a file of the same name. The form
// HOST PORT PATH FOLDER is that of the ancestor's client.

import { OperationError } from "../base/operation-error.ts";
import type { Command, CommandArgs } from "../cli/command.ts";
import { runUntilStopped } from "../cli/early-end.ts";
import { type FlagTable, OFF } from "../config/flag.ts";
import { parseHost, parseIntegerBetween, parsePath, parseSeconds } from "../config/quantity.ts";
import {
  EXAMPLE_URL,
  formatRequestTarget,
  formatTarget,
  parseTarget,
  parseTargetPort,
  readHostAndPort,
} from "../config/urls.ts";
import { parseValue, quote, UsageError } from "../config/usage-error.ts";
import { parseSpan } from "../load/flag-values.ts";
import { openDownload, SilenceWatch } from "./download.ts";
import { describeDownloadError, describeStatus } from "./progress.ts";
import { type TransferJob, transfer } from "./transfer.ts";

type GetArgs = CommandArgs<typeof getFlags>;

/** With the waits in between, this many attempts take hours. */
const RETRIES_MAX = 1000;

const getFlags = [
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

export const getCommand: Command<typeof getFlags> = {
  name: "get",
  summary: "fetch one file: print text, save anything else",
  usage: ["get URL [FOLDER] [options]", "get HOST PORT PATH FOLDER [options]"],
  details: [
    "weir prints text (including HTML) and JSON. It saves anything else into FOLDER, under the last " +
      "name of the path. FOLDER is created if it is missing, and is the current folder by default.",
    "With any status but 200 weir prints the status, saves nothing and exits 1. It waits after a 429 " +
      "or 503 that says when to come back (Retry-After), and continues after a broken connection: see " +
      "--retries and --max-wait.",
    "A file gets its name when it is complete, and then replaces an older file of that name. Until " +
      "then it is NAME.part, next to NAME.part.json. Both stay when a download is stopped, and -C " +
      "continues it if the server says that the file is still the same; otherwise it starts over.",
  ],
  flags: getFlags,
  examples: [
    { text: "weir get http://localhost:8001/", meaning: "print a page" },
    {
      text: "weir get localhost 8001 /books/a.pdf downloads",
      meaning: "save downloads/a.pdf",
    },
    { text: "weir get -C http://localhost:8001/a.iso", meaning: "continue after Ctrl-C" },
    { text: "weir get --head http://localhost:8001/", meaning: "is the server well?" },
  ],
  exitCodes: [[130, "stopped by Ctrl-C"]],
  run: runGetCommand,
};

function runGetCommand(args: GetArgs): Promise<number> {
  const job = readJob(args);
  const act = args.values.head ? askForHead : transfer;
  return runUntilStopped((stop) => act(job, args, stop));
}

/** Asks only for the status, and never again, so that a health check has its answer at once. */
async function askForHead(
  job: TransferJob,
  { stderr }: GetArgs,
  stop: AbortSignal,
): Promise<number> {
  const url = quote(formatTarget(job.request));
  const watch = new SilenceWatch(job.silenceMs, stop);
  watch.arm();
  try {
    const download = await openDownload(job.request, {
      signal: watch.signal,
      onRedirect: (status, to) => stderr.write(`HTTP ${status}, going on to ${to}\n`),
    });
    if (download.kind === "redirect-refused") {
      throw new OperationError(`cannot get ${url}: ${download.detail}`);
    }
    const { statusCode: status = 0, headers } = download.response;
    download.response.destroy();
    const isGood = status >= 200 && status < 300;
    if (!isGood) stderr.write(describeStatus(status, headers["retry-after"]));
    return isGood ? 0 : 1;
  } catch (error) {
    if (stop.aborted || error instanceof OperationError) throw error;
    const why = watch.isSilent ? watch.describe() : describeDownloadError(error);
    throw new OperationError(`cannot get ${url}: ${why}`);
  } finally {
    watch.release();
  }
}

function readJob(args: GetArgs): TransferJob {
  const { values } = args;
  return {
    ...readTarget(args),
    continues: values.continue,
    retryCountMax: values.retries,
    waitMsMax: values.maxWaitMs,
    silenceMs: values.timeoutMs,
  };
}

function readTarget({ positionals, values }: GetArgs): Pick<TransferJob, "request" | "folder"> {
  const method = values.head ? "HEAD" : "GET";
  const [first, second, path, folder, surplus] = positionals;
  const forms = "give URL [FOLDER], or HOST PORT PATH FOLDER";
  if (first === undefined) {
    throw new UsageError(`nothing to get: ${forms}, such as weir get ${EXAMPLE_URL}`);
  }
  const server = readHostAndPort(positionals);
  if (server !== undefined) return { request: { method, ...server }, folder: "." };
  if (positionals.length <= 2) {
    return {
      request: { method, ...parseValue("URL", first, parseTarget) },
      folder: second === undefined ? "." : parseValue("FOLDER", second, parsePath),
    };
  }
  if (!second || path === undefined || !folder || surplus !== undefined) {
    throw new UsageError(`cannot get ${positionals.map(quote).join(" ")}: ${forms}`);
  }
  return {
    request: {
      method,
      scheme: "http",
      host: parseValue("HOST", first, parseHost),
      port: parseValue("PORT", second, parseTargetPort),
      requestTarget: formatRequestTarget(path),
    },
    folder: parseValue("FOLDER", folder, parsePath),
  };
}
