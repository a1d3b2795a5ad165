// `weir serve`: checks the folder, builds the frozen ServeConfig and hands it to the supervisor,
// which serves until it is told to stop. The server's code is loaded only once the values are right.

import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import { dirname, isAbsolute, resolve } from "node:path";
import { isLoopback, parseIpAddress } from "../base/ip-address.ts";
import { OperationError } from "../base/operation-error.ts";
import type { Command, CommandArgs } from "../cli/command.ts";
import { findDefaultStateDir, hasCurrentFolder, leaveDeletedFolder } from "../cli/places.ts";
import { DEFAULT_CONFIG_FILE } from "../config/config-file.ts";
import type { AdminConfig, ServeConfig } from "../config/serve-config.ts";
import { serveFlags, serveGroups } from "../config/serve-flags.ts";
import { originRemark, quote, UsageError, type ValueOrigins } from "../config/usage-error.ts";
import { checkConflicts, checkRules, describeIdleFlags } from "./command-conflicts.ts";
import { chooseWorkerCount, readMachineBounds } from "./process-limits.ts";

type ServeArgs = CommandArgs<typeof serveFlags>;

export const serveCommand: Command<typeof serveFlags> = {
  name: "serve",
  summary: "serve a folder over HTTP",
  usage: ["serve [DIR] [options]", "[DIR] [options]"],
  details: [
    "DIR is the folder to serve, or the current one if you leave it out. The options that most people " +
      "need come first, the others by subject.",
    "Every option has an environment variable, and its name in the config file. What you type wins over " +
      "the environment, which wins over the file. In a variable, a switch is on or off (or true, false, " +
      "1, 0), and a list has commas as when it is typed.",
  ],
  flags: serveFlags,
  groups: serveGroups,
  examples: [
    {
      text: "weir serve ./public",
      meaning: "serve a folder on port 8001, 5 requests a second each",
    },
    { text: "weir -p 8080 --rate off", meaning: "the current folder, on another port, no limit" },
    {
      text: "weir serve ./public --types html,png,jpg,pdf --no-listing",
      meaning: "only these types, and no lists of names",
    },
    {
      text: "weir serve ./site --clean-urls --cache-control '/assets/**=max-age=31536000'",
      meaning: "a site: pages without .html, and assets that browsers keep for a year",
    },
    {
      text: "weir serve ./public --workers 1 --concurrency 1 --delay 500ms",
      meaning: "one slow request at a time, as a baseline to measure against",
    },
  ],
  exitCodes: [
    [0, "stopped by SIGINT or SIGTERM or its terminal closed, answers in progress finished"],
    [130, "stopped at once by a second SIGINT, or before it listened"],
    [143, "stopped at once by a second SIGTERM, or before it listened"],
  ],
  configPositional: "dir",
  outlivesOutput: true,
  async run(args) {
    // On a file thread, and before the checks: signals then work even if the folder's disk hangs.
    await stat(args.positionals[0] || ".").catch(() => {});
    const config = buildServeConfig(args);
    leaveDeletedFolder();
    const { superviseServer } = await import("./supervisor.ts");
    return superviseServer(config);
  },
};

/**
 * The values, with what only several of them say together. Throws UsageError for a second folder and for
 * flags that contradict each other, and OperationError for a folder that cannot be served.
 */
export function buildServeConfig(args: ServeArgs): ServeConfig {
  const { values, origins, positionals, configFile, stdout, stderr } = args;
  const [dir = ".", secondDir] = positionals;
  if (secondDir !== undefined) {
    throw new UsageError(
      `cannot serve ${quote(dir)} and ${quote(secondDir)}: give one folder, or the one that holds both`,
    );
  }
  const stateDir = chooseStateDir(args);
  const rootDir = resolveRoot(dir, originRemark(origins.dir));
  checkRules(values, rootDir);
  checkConflicts(values, origins);
  for (const line of describeIdleFlags(values)) stderr.write(`weir: ${line}\n`);
  const { config: _, state: __, adminTokenFile, ...rest } = values;
  const ownFiles = [configFile, values.logFile, adminTokenFile].filter(
    (file) => file !== undefined,
  );
  return Object.freeze({
    ...rest,
    rootDir,
    ownPaths: Object.freeze({
      files: ownFiles,
      folders: stateDir === undefined ? [] : [stateDir],
      name: DEFAULT_CONFIG_FILE,
    }),
    origins,
    workers: values.workers ?? chooseWorkerCount(readMachineBounds()),
    // Programs read a log file, whatever the terminal is.
    log: values.log ?? (stdout.isTTY && values.logFile === undefined ? "pretty" : "combined"),
    stateDir,
    admin: checkAdmin(values.admin, adminTokenFile, origins),
  });
}

/** Undefined where hits are kept in memory only. A warning says so, unless the person asked for it. */
function chooseStateDir({ values, env, stderr }: ServeArgs): string | undefined {
  const { state } = values;
  if (state !== undefined) return state.kind === "memory" ? undefined : state.path;
  const place = findDefaultStateDir(env);
  if (place.kind === "folder") return place.path;
  stderr.write(
    `weir: hits are kept in memory only: ${place.why} (give a folder: --state DIR; or --state memory, without this line)\n`,
  );
  return undefined;
}

/** @param origin where the folder was named, with a space before it; "" if it was typed */
function resolveRoot(dir: string, origin: string): string {
  const fail = (why: string) => new OperationError(`cannot serve ${quote(dir)}: ${why}${origin}`);
  if (dir === "") throw fail("give the path of a folder");
  if (!isAbsolute(dir) && !hasCurrentFolder()) {
    throw fail("the current folder has been deleted (give an absolute path, or change the folder)");
  }
  try {
    // Its links may change, so site/served-folder.ts follows them at each use.
    const rootDir = resolve(dir);
    if (!statSync(realpathSync(dir)).isDirectory()) {
      const holder = /^[\w./-]+$/.test(dir) ? dirname(dir) : quote(dirname(dir));
      throw fail(
        `it is a file, not a folder (give the folder that holds it: weir serve ${holder})`,
      );
    }
    // Permission to enter is enough: its files may be readable even if their names are not.
    accessSync(rootDir, constants.X_OK);
    return rootDir;
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw fail(whyUnservable((error as NodeJS.ErrnoException).code));
  }
}

function whyUnservable(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such folder";
  if (code === "EACCES" || code === "EPERM") return "this user may not enter it";
  if (code === "ELOOP") return "its symbolic links go round in a circle";
  return `the system says ${code ?? "nothing more"}`;
}

// What the two flags of the admin interface say together: where it listens, and which token it asks for.

/** Visible ASCII, so that it fits into a field line (RFC 6750 §2.1 allows less). */
const TOKEN = /^[\x21-\x7e]+$/;
const TOKEN_LENGTH_MAX = 1024;

/**
 * @throws UsageError for an address that others reach without a token, or a token without an address
 * @throws OperationError for a file that holds no token
 */
export function checkAdmin(
  address: { readonly host: string; readonly port: number } | undefined,
  tokenFile: string | undefined,
  origins: ValueOrigins = {},
): AdminConfig | undefined {
  const fromFile = originRemark(origins["admin-token-file"]);
  if (address === undefined) {
    if (tokenFile === undefined) return undefined;
    throw new UsageError(
      `cannot use --admin-token-file ${quote(tokenFile)} alone: say where the admin interface listens, such as --admin 127.0.0.1:8002${fromFile}`,
    );
  }
  const { host, port } = address;
  if (tokenFile === undefined && !isLoopbackHost(host)) {
    throw new UsageError(
      `cannot open the admin interface on ${quote(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`)}: others reach that address too; give a token (--admin-token-file FILE), or listen on 127.0.0.1 only${originRemark(origins.admin)}`,
    );
  }
  const token = tokenFile === undefined ? undefined : readToken(tokenFile, fromFile);
  return Object.freeze({ host, port, token });
}

/** Whether only this machine reaches it. A name other than localhost may lead anywhere. */
function isLoopbackHost(host: string): boolean {
  const address = parseIpAddress(host);
  return address === undefined ? host.toLowerCase() === "localhost" : isLoopback(address);
}

function readToken(file: string, origin: string): string {
  const fail = (why: string) =>
    new OperationError(`cannot use the token in ${quote(file)}: ${why}${origin}`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw fail("there is no such file");
    if (code === "EISDIR") throw fail("it is a folder; give a file of one line");
    if (code === "EACCES" || code === "EPERM") throw fail("this user may not read it");
    throw fail(`the system says ${code ?? "nothing more"}`);
  }
  const token = text.replace(/\r?\n$/, "");
  if (token === "")
    throw fail("the file is empty; write one line, such as openssl rand -hex 32 gives");
  if (!TOKEN.test(token) || token.length > TOKEN_LENGTH_MAX) {
    throw fail(
      `it is one line of 1 to ${TOKEN_LENGTH_MAX} letters, digits and signs, without blanks`,
    );
  }
  return token;
}
