// `weir serve`: checks the folder, builds the frozen ServeConfig and hands it to the supervisor,
// which serves until it is told to stop. The server's code is loaded only once the values are right.

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { defaultConfigFile } from "../config/config-file.ts";
import type { ClientConfig, ServeConfig } from "../config/serve-config.ts";
import { checkSiteConfig } from "../config/site-config.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { originRemark } from "../config/value-origin.ts";
import { chooseWorkerCount, readMachineBounds } from "../server/worker-count.ts";
import { checkAdmin } from "./admin-config.ts";
import type { Command, CommandArgs } from "./command.ts";
import { hasCurrentFolder, leaveDeletedFolder } from "./current-folder.ts";
import { checkRules, describeIdleFlags } from "./flag-conflicts.ts";
import { serveFlags } from "./flag-table.ts";
import { findDefaultStateDir } from "./state-folder.ts";

type ServeArgs = CommandArgs<typeof serveFlags>;

export const serveCommand: Command<typeof serveFlags> = {
  name: "serve",
  summary: "serve a folder over HTTP",
  usage: ["serve [DIR] [options]", "[DIR] [options]"],
  details: [
    "DIR is the folder to serve, the current one when it is left out. Flags win over environment " +
      "variables, which win over the config file.",
  ],
  flags: serveFlags,
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
    // By a file thread, before the checks: signals are obeyed also where the folder's disk hangs.
    await stat(args.positionals[0] || ".").catch(() => {});
    const config = buildServeConfig(args);
    leaveDeletedFolder();
    const { superviseServer } = await import("../server/supervisor.ts");
    return superviseServer(config);
  },
};

/** Throws UsageError for a second folder, OperationError for one that cannot be served. */
export function buildServeConfig(args: ServeArgs): ServeConfig {
  const { values, positionals, configFile, stdout } = args;
  const [dir = ".", secondDir] = positionals;
  if (secondDir !== undefined) {
    throw new UsageError(
      `cannot serve ${quote(secondDir)} beside ${quote(dir)}: give one folder, or the one that holds both`,
    );
  }
  const stateDir = chooseStateDir(args);
  const rootDir = resolveRoot(dir, originRemark(args.origins.dir));
  checkRules(values, rootDir);
  for (const line of describeIdleFlags(values)) args.stderr.write(`weir: ${line}\n`);
  return Object.freeze({
    rootDir,
    ownPaths: Object.freeze({
      files: [configFile, values["log-file"], values["admin-token-file"]].filter(
        (path) => path !== undefined,
      ),
      folders: stateDir === undefined ? [] : [stateDir],
      name: defaultConfigFile,
    }),
    port: values.port,
    nextPort: values["next-port"],
    hosts: values.host ?? [],
    origins: args.origins,
    workerCount: values.workers ?? chooseWorkerCount(readMachineBounds()),
    concurrency: values.concurrency,
    delayMs: values.delay,
    timeouts: Object.freeze({
      stallTimeoutMs: values["stall-timeout"],
      idleTimeoutMs: values["idle-timeout"],
      headTimeoutMs: values["head-timeout"],
    }),
    rate: values.rate,
    clients: chooseClients(args),
    store: values.store && Object.freeze({ url: values.store, whenDown: values["store-down"] }),
    clientConnections: values["client-connections"],
    mountTimeoutMs: values["mount-timeout"],
    index: values.index,
    listing: values.listing,
    readme: values.readme,
    zip: values.zip,
    compress: values.compress,
    site: checkSiteConfig({
      spa: values.spa,
      cleanUrls: values["clean-urls"],
      cors: values.cors,
      indexNames: values["index-names"],
      basePath: values["base-path"],
      cacheRules: values["cache-control"] ?? [],
      headerRules: values.headers ?? [],
      redirects: values.redirects ?? [],
    }),
    types: values.types,
    hidden: values.hidden,
    symlinks: values.symlinks,
    stateDir,
    // A file is read by programs, whatever the terminal is.
    log: values.log ?? (stdout.isTTY && values["log-file"] === undefined ? "pretty" : "combined"),
    logFile: values["log-file"],
    admin: checkAdmin(values.admin, values["admin-token-file"], args.origins),
    qr: values.qr,
    drainMs: values.drain,
  });
}

function chooseClients({ values, origins }: ServeArgs): ClientConfig {
  const trustedProxies = values["trust-proxy"] ?? [];
  const proxyProtocol = values["proxy-protocol"];
  if (proxyProtocol && trustedProxies.length === 0) {
    throw new UsageError(
      `cannot use --proxy-protocol without --trust-proxy: name the proxies that begin with it${originRemark(origins["proxy-protocol"])}`,
    );
  }
  return Object.freeze({
    ipv6PrefixBits: values["ipv6-prefix"],
    trustedProxies,
    proxyProtocol,
    exempt: values.exempt ?? [],
  });
}

/** undefined: hits are kept in memory only, which a warning tells if it is not what was asked for. */
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

/** @param origin where the folder is named, with a blank before it; "" where it was typed */
function resolveRoot(dir: string, origin: string): string {
  const fail = (why: string) => new OperationError(`cannot serve ${quote(dir)}: ${why}${origin}`);
  if (dir === "") throw fail("give the path of a folder");
  if (!isAbsolute(dir) && !hasCurrentFolder()) {
    throw fail("the current folder has been deleted (give an absolute path, or change the folder)");
  }
  try {
    // Links in it are followed at each look (files/served-folder.ts): where one leads may change.
    const rootDir = resolve(dir);
    if (!statSync(realpathSync(dir)).isDirectory()) {
      const holder = /^[\w./-]+$/.test(dir) ? dirname(dir) : quote(dirname(dir));
      throw fail(
        `it is a file, not a folder (give the folder that holds it: weir serve ${holder})`,
      );
    }
    // To enter it is enough: files in it may be readable where their names are not.
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
