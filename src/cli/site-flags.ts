// Flags of `weir serve`: what of the folder is served, and how a site is published. A part of
// flag-table.ts.

import { parseBasePath } from "../config/base-path.ts";
import { parseCacheRules } from "../config/cache-rule.ts";
import { parseExtensions, parseFileNames, parseOneOf, parseSwitch } from "../config/quantity.ts";
import { parseRedirects } from "../config/redirect-rule.ts";
import type { SymlinkPolicy } from "../config/serve-config.ts";
import { parseHeaderRules } from "../config/site-rules.ts";
import type { FlagTable } from "./flag.ts";

const symlinkPolicies = ["inside", "follow", "deny"] as const satisfies SymlinkPolicy[];

export const siteFlags = [
  {
    name: "index",
    fallback: "on",
    parse: parseSwitch,
    help: "answer a folder with its index page where there is one",
  },
  {
    name: "index-names",
    env: "WEIR_INDEX_NAMES",
    placeholder: "LIST",
    fallback: "index.html",
    json: "list",
    parse: parseFileNames,
    help: "names of a folder's page, such as index.html,index.htm; the first there counts",
  },
  {
    name: "listing",
    fallback: "on",
    parse: parseSwitch,
    help: "answer any other folder with a listing; off: 404",
  },
  {
    name: "readme",
    fallback: "off",
    parse: parseSwitch,
    help: "show a folder's README below its listing",
  },
  {
    name: "zip",
    fallback: "off",
    parse: parseSwitch,
    help: "offer each folder as a zip, at ?download=zip",
  },
  {
    name: "compress",
    fallback: "on",
    parse: parseSwitch,
    help: "compress texts for clients that take it; .br, .zst, .gz siblings first",
  },
  {
    name: "spa",
    fallback: "off",
    parse: parseSwitch,
    help: "answer browsers with the root's index page where there is no such page",
  },
  {
    name: "clean-urls",
    fallback: "off",
    parse: parseSwitch,
    help: "pages without their .html: /about for about.html, and /about.html goes there",
  },
  {
    name: "cors",
    fallback: "off",
    parse: parseSwitch,
    help: "let pages of every other site read the answers",
  },
  {
    name: "base-path",
    env: "WEIR_BASE_PATH",
    placeholder: "PATH",
    fallback: "/",
    parse: parseBasePath,
    help: "answer below this path, for a proxy that does not take it off: /files",
  },
  {
    name: "cache-control",
    placeholder: "VALUE|RULES",
    fallbackText: "no-cache for every file",
    json: "rules",
    parse: parseCacheRules,
    help: "for every file, or PATTERN=VALUE; several with semicolons, the first match counts",
  },
  {
    name: "headers",
    placeholder: "JSON",
    fallbackText: "none",
    json: "rules",
    parse: parseHeaderRules,
    help: 'fields for files and listings: [{"path": PATTERN, "set": {NAME: VALUE}}]',
  },
  {
    name: "redirects",
    placeholder: "JSON",
    fallbackText: "none",
    json: "rules",
    parse: parseRedirects,
    help: 'redirects: [{"from": PATH, "to": PATH or URL, "status": 301}]',
  },
  {
    name: "types",
    placeholder: "LIST",
    fallback: "all",
    json: "list",
    parse: parseExtensions,
    help: "serve only these extensions, such as html,png,pdf; others get 404",
  },
  {
    name: "hidden",
    fallback: "off",
    parse: parseSwitch,
    help: "serve and list names that begin with a dot",
  },
  {
    name: "symlinks",
    placeholder: symlinkPolicies.join("|"),
    fallback: "inside",
    parse: (text) => parseOneOf(text, symlinkPolicies),
    help: "links may lead within the served folder, anywhere, or nowhere",
  },
] as const satisfies FlagTable;
