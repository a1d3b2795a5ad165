// `weir get`: fetches one thing. Text goes to stdout, anything else into a file of its name. The
// form HOST PORT PATH FOLDER is that of the ancestor's client.

import { EventEmitter, once } from "node:events";
import { STATUS_CODES } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { OperationError } from "../base/operation-error.ts";
import { parseHost, parsePath } from "../config/quantity.ts";
import { parseValue, quote, UsageError } from "../config/usage-error.ts";
import { formatRequestTarget } from "../load/request-bytes.ts";
import type { Command, CommandArgs, Output } from "./command.ts";
import { type DownloadRequest, formatUrl, openDownload } from "./download.ts";
import { getFlags } from "./flag-table.ts";
import { formatFileName, saveStream } from "./saved-file.ts";
import { listenForStop } from "./stop-signal.ts";
import { parseTargetPort, parseTargetUrl } from "./target-url.ts";

type GetArgs = CommandArgs<typeof getFlags>;

/** An answer that may be printed or saved, as `openDownload` gives it. */
type Answer = Extract<Awaited<ReturnType<typeof openDownload>>, { kind: "answered" }>["response"];

interface GetJob {
  readonly request: DownloadRequest;
  readonly folder: string;
}

export const getCommand: Command<typeof getFlags> = {
  name: "get",
  summary: "fetch one file: print text, save anything else",
  usage: ["get URL [FOLDER] [options]", "get HOST PORT PATH FOLDER [options]"],
  details: [
    "Text (HTML among it) and JSON are printed. Anything else is saved into FOLDER, which is made if " +
      "it is not there and is the current folder when none is given, under the last name of the path.",
    "With any status but 200 it prints the status, saves nothing and exits 1.",
  ],
  flags: getFlags,
  examples: [
    { text: "weir get http://localhost:8001/", meaning: "print a page" },
    {
      text: "weir get localhost 8001 /books/a.pdf downloads",
      meaning: "save downloads/a.pdf",
    },
    { text: "weir get --head http://localhost:8001/", meaning: "is the server well?" },
  ],
  exitCodes: [[130, "stopped by Ctrl-C; nothing is saved"]],
  run: runGetCommand,
};

async function runGetCommand(args: GetArgs): Promise<number> {
  const job = readJob(args);
  const timeoutMs = args.values.timeout;
  if (timeoutMs === 0) {
    throw new UsageError('cannot use "0" for --timeout: give a duration of at least 1ms');
  }
  const stop = listenForStop();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    return await get(job, args, AbortSignal.any([stop.signal, timeout.signal]));
  } catch (error) {
    const stopCode = stop.exitCode();
    if (stopCode !== undefined) return stopCode;
    if (error instanceof OperationError) throw error;
    const why = timeout.signal.aborted
      ? `it was not complete after ${timeoutMs / 1000} s; see --timeout`
      : describeError(error);
    throw new OperationError(`cannot get ${quote(formatUrl(job.request))}: ${why}`);
  } finally {
    clearTimeout(timer);
    stop.release();
  }
}

async function get(job: GetJob, args: GetArgs, signal: AbortSignal): Promise<number> {
  const { stderr, stdout } = args;
  const download = await openDownload(job.request, {
    signal,
    onRedirect: (status, url) => stderr.write(`HTTP ${status}, going on to ${url}\n`),
  });
  if (download.kind === "redirect-refused") {
    const url = quote(formatUrl(job.request));
    throw new OperationError(`cannot get ${url}: ${download.detail}`);
  }
  const { response } = download;
  const { statusCode: status = 0, headers } = response;
  const isGood = args.values.head ? status >= 200 && status < 300 : status === 200;
  if (!isGood || args.values.head) {
    response.destroy();
    if (!isGood) stderr.write(describeStatus(status, headers["retry-after"]));
    return isGood ? 0 : 1;
  }
  const coding = headers["content-encoding"] ?? "identity";
  if (coding !== "identity") {
    response.destroy();
    throw new Error(`the server sent it in the coding ${quote(coding)}, which was not asked for`);
  }
  const contentType = headers["content-type"] ?? "";
  if (isText(contentType)) await printStream(response, stdout, signal);
  else await save(job, response, contentType, stderr, signal);
  return 0;
}

async function save(
  { request, folder }: GetJob,
  response: Answer,
  contentType: string,
  stderr: Output,
  signal: AbortSignal,
): Promise<void> {
  // The name that was asked for, not that of a redirect: a server does not choose which of our
  // files is replaced.
  const name = formatFileName(request.requestTarget, contentType);
  const savedBytes = await saveStream(folder, name, response, signal).catch((error) => {
    throw isFileError(error) ? cannotSave(join(folder, name), error) : error;
  });
  stderr.write(
    `saved ${join(folder, name)} (${savedBytes} ${savedBytes === 1 ? "byte" : "bytes"})\n`,
  );
}

function readJob({ positionals, values }: GetArgs): GetJob {
  const method = values.head ? "HEAD" : "GET";
  const [first, second, path, folder] = positionals;
  if (first !== undefined && positionals.length <= 2) {
    const url = parseValue("URL", first, (text) => parseTargetUrl(text, ["http", "https"]));
    const scheme = url.protocol === "https:" ? "https" : "http";
    return {
      request: {
        method,
        scheme,
        host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
        port: url.port === "" ? { http: 80, https: 443 }[scheme] : Number(url.port),
        requestTarget: url.pathname + url.search,
      },
      folder: second === undefined ? "." : parseValue("FOLDER", second, parsePath),
    };
  }
  if (!first || !second || path === undefined || !folder || positionals.length > 4) {
    const given = positionals.map(quote).join(" ") || "nothing";
    throw new UsageError(`cannot get ${given}: give URL [FOLDER], or HOST PORT PATH FOLDER`);
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

function isText(contentType: string): boolean {
  const type = contentType.split(";", 1)[0]!.trim().toLowerCase();
  return type.startsWith("text/") || type === "application/json";
}

/** Waits for the reader: a long text is not held in memory. Stdout stays open. */
async function printStream(stream: Readable, stdout: Output, signal: AbortSignal): Promise<void> {
  for await (const chunk of stream) {
    const isTaken = stdout.write(chunk) !== false;
    if (!isTaken && stdout instanceof EventEmitter) await once(stdout, "drain", { signal });
  }
}

function describeStatus(status: number, retryAfter: string | undefined): string {
  const line = `HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status !== 429 || retryAfter === undefined) return `${line}\n`;
  const isSeconds = /^\d+$/.test(retryAfter);
  const hint = isSeconds ? `in ${retryAfter} s` : `at ${quote(retryAfter).slice(1, -1)}`;
  return `${line}\nThe server asks to try again ${hint}.\n`;
}

/** Told by the system call: the reading side of a download never writes. */
function isFileError(error: NodeJS.ErrnoException): boolean {
  return ["mkdir", "open", "write", "close", "rename"].includes(error.syscall ?? "");
}

function cannotSave(path: string, { message }: Error): OperationError {
  return new OperationError(`cannot save ${quote(path)}: ${message.split(",", 1)[0]}`);
}

function describeError(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
  // localhost with two addresses: node:net throws one error that holds both.
  const text = message || errors?.map((inner) => inner.message).join("; ") || String(code);
  if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE") {
    return "the connection was closed before the answer was complete";
  }
  return text;
}
