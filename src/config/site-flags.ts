// Flags of `weir serve`: which files are served, and how a site is published. This is a group of
// serve-flags.ts.

import { parseCacheRules, parseHeaderRules } from "./file-rules.ts";
import { choice, OFF, ON, serveGroup } from "./flag.ts";
import { parseExtensions, parseFileNames } from "./quantity.ts";
import { parseRedirects } from "./redirect-rule.ts";

export const site = serveGroup("Publishing a site", [
  {
    name: "index",
    ...ON,
    help: "answer a folder with its index page if it has one",
  },
  {
    name: "index-names",
    kind: "list",
    placeholder: "LIST",
    fallback: "index.html",
    parse: parseFileNames,
    help: "names of index pages, such as index.html,index.htm; the first one found counts",
  },
  {
    name: "listing",
    ...ON,
    isCommon: true,
    help: "answer a folder without an index page with a listing; off: 404",
  },
  {
    name: "readme",
    ...OFF,
    help: "show a folder's README below its listing",
  },
  {
    name: "zip",
    ...OFF,
    help: "offer each folder as a zip, at ?download=zip",
  },
  {
    name: "compress",
    ...ON,
    help: "compress text for clients that accept it; use .br, .zst, .gz files first",
  },
  {
    name: "spa",
    ...OFF,
    isCommon: true,
    help: "answer browsers with the root's index page where there is no such page",
  },
  {
    name: "clean-urls",
    ...OFF,
    help: "serve about.html as /about, and redirect /about.html there",
  },
  {
    name: "cors",
    ...OFF,
    isCommon: true,
    help: "let pages of every other site read the answers",
  },
  {
    name: "cache-control",
    kind: "rules",
    placeholder: "VALUE|RULES",
    absent: [],
    fallbackText: "no-cache for every file",
    parse: parseCacheRules,
    help: "one value for all files, or PATTERN=VALUE; …, where the first match counts",
  },
  {
    name: "headers",
    kind: "rules",
    placeholder: "JSON",
    absent: [],
    fallbackText: "none",
    parse: parseHeaderRules,
    help: 'fields for files and listings: [{"path": PATTERN, "set": {NAME: VALUE}}]',
  },
  {
    name: "redirects",
    kind: "rules",
    placeholder: "JSON",
    absent: [],
    fallbackText: "none",
    parse: parseRedirects,
    help: 'redirects: [{"from": PATH, "to": PATH or URL, "status": 301}]',
  },
  {
    name: "types",
    kind: "list",
    placeholder: "LIST",
    words: ["all"],
    fallback: "all",
    parse: parseExtensions,
    help: "serve only files with these extensions, such as html,png,pdf; others get 404",
  },
  {
    name: "hidden",
    ...OFF,
    isCommon: true,
    help: "serve and list names that begin with a dot",
  },
  {
    name: "symlinks",
    ...choice(["inside", "follow", "deny"]),
    fallback: "inside",
    help: "links may lead within the served folder, anywhere, or nowhere",
  },
]);
