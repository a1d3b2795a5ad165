// `weir serve`: checks the folder, builds the frozen ServeConfig and hands it to the supervisor,
// which serves until it is told to stop. The server's code is loaded only once the values are right.

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import type { ClientConfig, ServeConfig } from "../config/serve-config.ts";
import { checkSiteConfig } from "../config/site-config.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { checkAdmin } from "./admin-config.ts";
import type { Command, CommandArgs } from "./command.ts";
import { serveFlags } from "./flag-table.ts";
import { defaultStateDir } from "./state-folder.ts";

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
    [0, "stopped by SIGINT or SIGTERM, answers in progress finished"],
    [130, "stopped at once by a second SIGINT"],
    [143, "stopped at once by a second SIGTERM"],
  ],
  configPositional: "dir",
  outlivesOutput: true,
  async run(args) {
    // By a file thread, before the checks: signals are obeyed also where the folder's disk hangs.
    await stat(args.positionals[0] || ".").catch(() => {});
    const config = buildServeConfig(args);
    const { superviseServer } = await import("../server/supervisor.ts");
    return superviseServer(config);
  },
};

/** Throws UsageError for a second folder, OperationError for one that cannot be served. */
export function buildServeConfig(args: CommandArgs<typeof serveFlags>): ServeConfig {
  const { values, positionals, env, stdout } = args;
  const [dir = ".", secondDir] = positionals;
  if (secondDir !== undefined) {
    throw new UsageError(
      `cannot serve ${quote(secondDir)} beside ${quote(dir)}: give one folder, or the one that holds both`,
    );
  }
  return Object.freeze({
    rootDir: resolveRoot(dir),
    port: values.port,
    host: values.host,
    workerCount: values.workers ?? availableParallelism(),
    concurrency: values.concurrency,
    delayMs: values.delay,
    rate: values.rate,
    clients: chooseClients(values),
    store: values.store && Object.freeze({ url: values.store, whenDown: values["store-down"] }),
    clientConnections: values["client-connections"],
    index: values.index,
    listing: values.listing,
    readme: values.readme,
    zip: values.zip,
    compress: values.compress,
    site: checkSiteConfig({
      spa: values.spa,
      cleanUrls: values["clean-urls"],
      cors: values.cors,
      cacheRules: values["cache-control"] ?? [],
      headerRules: values.headers ?? [],
      redirects: values.redirects ?? [],
    }),
    types: values.types,
    hidden: values.hidden,
    symlinks: values.symlinks,
    stateDir: chooseStateDir(values.state, env),
    // A file is read by programs, whatever the terminal is.
    log: values.log ?? (stdout.isTTY && values["log-file"] === undefined ? "pretty" : "combined"),
    logFile: values["log-file"],
    admin: checkAdmin(values.admin, values["admin-token-file"]),
    qr: values.qr,
    drainMs: values.drain,
  });
}

function chooseClients(values: CommandArgs<typeof serveFlags>["values"]): ClientConfig {
  const trustedProxies = values["trust-proxy"] ?? [];
  const proxyProtocol = values["proxy-protocol"];
  if (proxyProtocol && trustedProxies.length === 0) {
    throw new UsageError(
      "cannot use --proxy-protocol without --trust-proxy: name the proxies that begin with it",
    );
  }
  return Object.freeze({
    ipv6PrefixBits: values["ipv6-prefix"],
    trustedProxies,
    proxyProtocol,
    exempt: values.exempt ?? [],
  });
}

function chooseStateDir(
  state: CommandArgs<typeof serveFlags>["values"]["state"],
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (state !== undefined) return state.kind === "memory" ? undefined : state.path;
  return defaultStateDir(env);
}

function resolveRoot(dir: string): string {
  const fail = (why: string) => new OperationError(`cannot serve ${quote(dir)}: ${why}`);
  if (dir === "") throw fail("give the path of a folder");
  try {
    const rootDir = realpathSync(dir);
    if (!statSync(rootDir).isDirectory()) {
      const holder = /^[\w./-]+$/.test(dir) ? dirname(dir) : quote(dirname(dir));
      throw fail(
        `it is a file, not a folder (give the folder that holds it: weir serve ${holder})`,
      );
    }
    accessSync(rootDir, constants.R_OK | constants.X_OK);
    return rootDir;
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw fail(whyUnservable((error as NodeJS.ErrnoException).code));
  }
}

function whyUnservable(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such folder";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  if (code === "ELOOP") return "its symbolic links go round in a circle";
  return `the system says ${code ?? "nothing more"}`;
}
