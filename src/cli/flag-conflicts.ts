// Flags and rules of `weir serve` that do nothing. A rule that can match nothing is refused; a flag that
// has no effect beside another is told of, because a config file may hold the one and a command line
// the other. Called by the serve command; it looks into the served folder for the patterns of rules.

import { checkFolderRedirects, checkReach } from "../config/file-reach.ts";
import type { FlagValues } from "./flag.ts";
import type { serveFlags } from "./flag-table.ts";

type ServeValues = FlagValues<typeof serveFlags>;

/** Throws UsageError, a whole line, for the first rule that does nothing. @param rootDir absolute */
export function checkRules(values: ServeValues, rootDir: string): void {
  const names = { rootDir, hidden: values.hidden, types: values.types };
  const patternsOf = (rules: readonly { readonly pattern: string }[] = []) =>
    rules.map(({ pattern }) => pattern);
  checkReach("--cache-control", patternsOf(values["cache-control"]), names);
  checkReach("--headers", patternsOf(values.headers), names);
  checkFolderRedirects(values.redirects ?? [], names);
}

/** A line for each flag that has no effect beside the others. */
export function describeIdleFlags(values: ServeValues): readonly string[] {
  const { readme, zip, listing, log, store, types, spa } = values;
  const lines: string[] = [];
  const tell = (flag: string, beside: string, why: string) =>
    lines.push(`${flag} has no effect beside ${beside}: ${why}`);
  if (readme && !listing) tell("--readme", "--no-listing", "a README is shown below a listing");
  if (zip && !listing)
    tell("--zip", "--no-listing", "a zip would tell the names that no listing may");
  if (values["log-file"] !== undefined && log === "off") {
    tell("--log-file", "--log off", "nothing is written; choose a form, such as --log combined");
  }
  if (values["store-down"] !== "local" && store === undefined) {
    lines.push(
      "--store-down has no effect without --store, which names the store that may be gone",
    );
  }
  if (types === undefined || types.includes("html") || types.includes("htm")) return lines;
  if (spa) tell("--spa", "--types without html", "the app's page is not served");
  if (values["clean-urls"]) tell("--clean-urls", "--types without html", "no page is served");
  return lines;
}
