// What is true about a site that is published, after checking: the part of ServeConfig that changes
// answers but neither who may ask nor what is served. Plain and frozen, so that threads can have it.

import type { CacheRule } from "./cache-rule.ts";
import { findRedirect, formatLocation, type RedirectRule } from "./redirect-rule.ts";
import type { HeaderRule } from "./site-rules.ts";
import { quote, UsageError } from "./usage-error.ts";

export interface SiteConfig {
  /** Whether a page that is not there is answered with the root's index page. */
  readonly spa: boolean;
  /** Whether pages are named without their `.html`. */
  readonly cleanUrls: boolean;
  /** Whether pages of other sites may read the answers. */
  readonly cors: boolean;
  /** Names of the pages that folders are answered with: the first that is there. */
  readonly indexNames: readonly string[];
  /** Under which path the folder is found, as in a URL; "" at the root, never with a slash at its end. */
  readonly basePath: string;
  readonly cacheRules: readonly CacheRule[];
  readonly headerRules: readonly HeaderRule[];
  readonly redirects: readonly RedirectRule[];
}

/** Of a site about which nothing was said. */
export const defaultSite: SiteConfig = Object.freeze({
  spa: false,
  cleanUrls: false,
  cors: false,
  indexNames: ["index.html"],
  basePath: "",
  cacheRules: [],
  headerRules: [],
  redirects: [],
});

/** Freezes it. Throws UsageError, a whole line, for options that contradict each other. */
export function checkSiteConfig(site: SiteConfig): SiteConfig {
  const { cors, headerRules, cleanUrls, redirects } = site;
  const names = headerRules.flatMap((rule) => rule.set.map(([name]) => name));
  const corsName = names.find((name) => /^access-control-/i.test(name));
  if (cors && corsName !== undefined) {
    throw new UsageError(
      `cannot use --cors with ${quote(corsName)} in --headers: keep one of them`,
    );
  }
  // /a.html is sent to /a by the clean URLs: a redirect from there to /a.html would send it back.
  const sentBack = cleanUrls ? redirects.find((rule) => leadsToItself(site, rule)) : undefined;
  if (sentBack !== undefined) {
    throw new UsageError(
      `cannot use --clean-urls with the redirect to ${quote(sentBack.to)}: it would come back for ever; redirect to the page without its ".html", or leave the rule out`,
    );
  }
  return Object.freeze(site);
}

function leadsToItself({ redirects, indexNames }: SiteConfig, rule: RedirectRule): boolean {
  const captured = rule.star === "none" ? "" : "x";
  const [path = ""] = formatLocation({ rule, captured }, undefined).split(/[?#]/);
  const isIndex = indexNames.includes(path.slice(path.lastIndexOf("/") + 1));
  const clean = isIndex ? path.replace(/[^/]*$/, "") : path.replace(/\.html$/, "");
  return clean !== path && findRedirect(redirects, clean) !== undefined;
}
