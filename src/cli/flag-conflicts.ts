// What the flags of `weir serve` say together. Flags that contradict each other, and rules that can match
// nothing, are refused. A flag that has no effect with another only gets a warning, because a config
// file may hold the one and a command line the other. Called by the serve command; it looks into the
// served folder for the patterns of rules.

import { checkFolderRedirects, checkReach } from "../config/file-reach.ts";
import { findRedirect, formatLocation, type RedirectRule } from "../config/redirect-rule.ts";
import type { ServeValues } from "../config/serve-config.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { originRemark, type ValueOrigins } from "../config/value-origin.ts";

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
