// What the flags of `weir serve` say together. Flags that contradict each other and rules that can match
// nothing are refused. A flag that another one makes useless only gets a warning, because one of them may
// be in a config file and the other on the command line. The serve command calls it; it looks into the
// served folder for what the patterns of rules match.

import { statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  findRedirect,
  formatLocation,
  leadsInCircle,
  type RedirectRule,
} from "../config/redirect-rule.ts";
import type { ServeValues } from "../config/serve-config.ts";
import { originRemark, quote, UsageError, type ValueOrigins } from "../config/usage-error.ts";

/** Throws UsageError, a whole line, for flags that cannot be used together. */
export function checkConflicts(values: ServeValues, origins: ValueOrigins): void {
  const { proxyProtocol, trustProxy, cors, headers, cleanUrls, redirects } = values;
  if (proxyProtocol && trustProxy.length === 0) {
    throw new UsageError(
      `cannot use --proxy-protocol without --trust-proxy: name the proxies that begin with it${originRemark(origins["proxy-protocol"])}`,
    );
  }
  const names = headers.flatMap((rule) => rule.set.map(([name]) => name));
  const corsName = names.find((name) => /^access-control-/i.test(name));
  if (cors && corsName !== undefined) {
    throw new UsageError(
      `cannot use --cors with ${quote(corsName)} in --headers: keep one of them`,
    );
  }
  // --clean-urls sends /a.html to /a: a redirect from there to /a.html would send it back.
  const sentBack = cleanUrls ? redirects.find((rule) => isSentBack(values, rule)) : undefined;
  if (sentBack !== undefined) {
    throw new UsageError(
      `cannot use --clean-urls with the redirect to ${quote(sentBack.to)}: it would never end; redirect to the page without its ".html", or leave the rule out`,
    );
  }
}

function isSentBack({ redirects, indexNames }: ServeValues, rule: RedirectRule): boolean {
  const captured = rule.star === "none" ? "" : "x";
  const [path = ""] = formatLocation({ rule, captured }, undefined).split(/[?#]/);
  const isIndex = indexNames.includes(path.slice(path.lastIndexOf("/") + 1));
  const clean = isIndex ? path.replace(/[^/]*$/, "") : path.replace(/\.html$/, "");
  return clean !== path && findRedirect(redirects, clean) !== undefined;
}

/** Throws UsageError, a whole line, for the first rule that does nothing. @param rootDir absolute */
export function checkRules(values: ServeValues, rootDir: string): void {
  const { hidden, types, cacheControl, headers, redirects } = values;
  const names = { rootDir, hidden, types };
  const patternsOf = (rules: readonly { readonly pattern: string }[]) =>
    rules.map(({ pattern }) => pattern);
  checkReach("--cache-control", patternsOf(cacheControl), names);
  checkReach("--headers", patternsOf(headers), names);
  checkFolderRedirects(redirects, names);
}

/** A line for each flag that has no effect with the others. */
export function describeIdleFlags(values: ServeValues): readonly string[] {
  const { readme, zip, listing, log, logFile, store, storeDown, types, spa, cleanUrls } = values;
  const hasPages = types === undefined || types.includes("html") || types.includes("htm");
  const idle: [isIdle: boolean, line: string][] = [
    [readme && !listing, "--readme has no effect with --no-listing: it is part of a listing"],
    [
      zip && !listing,
      "--zip has no effect with --no-listing: a zip would show the names that listings hide",
    ],
    [
      logFile !== undefined && log === "off",
      "--log-file has no effect with --log off: nothing is written; choose a form, such as --log combined",
    ],
    [
      storeDown !== "local" && store === undefined,
      "--store-down has no effect without --store, which names the store",
    ],
    [
      spa && !hasPages,
      "--spa has no effect with --types without html: the app's page is not served",
    ],
    [
      cleanUrls && !hasPages,
      "--clean-urls has no effect with --types without html: no page is served",
    ],
  ];
  return idle.flatMap(([isIdle, line]) => (isIdle ? line : []));
}

// Whether rules about files can ever match a file that is served, given --hidden, --types and the served
// folder itself. A rule that does nothing is refused, because the person who wrote it meant something.
// Pure, but for looking into the folder.

export interface ServedNames {
  /** Absolute. */
  readonly rootDir: string;
  readonly hidden: boolean;
  /** Undefined: all. */
  readonly types: readonly string[] | undefined;
}

const WILD = /[*?]/;

/**
 * Throws UsageError, a whole line.
 * @param flag `--headers` or `--cache-control`
 * @param patterns as site/rules.ts matches them
 */
function checkReach(flag: string, patterns: readonly string[], names: ServedNames): void {
  for (const pattern of patterns) {
    const why =
      explainHidden(pattern, names) ?? explainType(pattern, names) ?? explainFolder(pattern, names);
    if (why !== undefined) throw new UsageError(`cannot use ${quote(pattern)} in ${flag}: ${why}`);
  }
}

/**
 * Throws UsageError, a whole line, for a redirect to a folder without its slash if another rule takes away
 * the slash that the folder then gets.
 */
function checkFolderRedirects(
  rules: readonly RedirectRule[],
  { rootDir }: Pick<ServedNames, "rootDir">,
): void {
  const addSlash = (bytePath: string) => {
    const path = Buffer.from(bytePath, "latin1").toString();
    return kindOf(rootDir, path) === "folder" ? `${bytePath}/` : bytePath;
  };
  const circle = rules.find((rule) => leadsInCircle(rules, rule, addSlash));
  if (circle === undefined) return;
  throw new UsageError(
    `cannot use the redirect to ${quote(circle.to)}: it is a folder, whose slash another rule takes away again, so it would never end`,
  );
}

/** `.well-known` is the one hidden name that is for the public (RFC 8615). */
function explainHidden(pattern: string, { hidden }: ServedNames): string | undefined {
  const name = pattern.split("/").find((each) => each.startsWith(".") && each !== ".well-known");
  if (hidden || name === undefined) return undefined;
  return "names that begin with a dot are not served; add --hidden, or leave the rule out";
}

function explainType(pattern: string, { types }: ServedNames): string | undefined {
  const [, extension] = /\.([^./*?]+)$/.exec(pattern) ?? [];
  if (types === undefined || extension === undefined) return undefined;
  if (types.includes(extension.toLowerCase())) return undefined;
  return `--types serves no ${extension}; add it there, or leave the rule out`;
}

function explainFolder(pattern: string, { rootDir }: ServedNames): string | undefined {
  if (!pattern.includes("/")) return undefined;
  const path = pattern.replace(/^\//, "");
  const [first = "", ...rest] = path.split("/");
  if (rest.length > 0 && first === basename(rootDir) && kindOf(rootDir, first) === "absent") {
    return `patterns begin in the served folder, and ${quote(first)} is its own name; write ${quote(`/${rest.join("/")}`)}`;
  }
  if (WILD.test(path) || path.endsWith("/") || kindOf(rootDir, path) !== "folder") return undefined;
  return `it is a folder; write ${quote(`/${path}/**`)} for what is in it`;
}

function kindOf(rootDir: string, path: string): "absent" | "folder" | "other" {
  try {
    return statSync(join(rootDir, path)).isDirectory() ? "folder" : "other";
  } catch (error) {
    // A file that cannot be looked at may exist.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "other";
  }
}
