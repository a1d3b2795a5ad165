// Flags of `weir serve` that say nothing beside others. What somebody has asked for and would not get is
// refused, and not passed over. Called by the serve command; it looks into the served folder for the
// patterns of rules.

import { checkFolderRedirects, checkReach } from "../config/file-reach.ts";
import { UsageError } from "../config/usage-error.ts";
import type { FlagValues } from "./flag.ts";
import type { serveFlags } from "./flag-table.ts";

type ServeValues = FlagValues<typeof serveFlags>;

/** Throws UsageError, a whole line, for the first that does nothing. @param rootDir absolute */
export function checkConflicts(values: ServeValues, rootDir: string): void {
  const message = findConflict(values);
  if (message !== undefined) throw new UsageError(message);
  const names = { rootDir, hidden: values.hidden, types: values.types };
  const patternsOf = (rules: readonly { readonly pattern: string }[] = []) =>
    rules.map(({ pattern }) => pattern);
  checkReach("--cache-control", patternsOf(values["cache-control"]), names);
  checkReach("--headers", patternsOf(values.headers), names);
  checkFolderRedirects(values.redirects ?? [], names);
}

function findConflict(values: ServeValues): string | undefined {
  const { readme, zip, listing, log, store, types, spa } = values;
  if (readme && !listing) {
    return "cannot use --readme with --no-listing: a README is shown below a listing; keep one of them";
  }
  if (zip && !listing) {
    return "cannot use --zip with --no-listing: a zip tells the names that no listing may; keep one of them";
  }
  if (values["log-file"] !== undefined && log === "off") {
    return "cannot use --log-file with --log off: nothing would be written; choose a form, such as --log combined";
  }
  if (values["store-down"] !== "local" && store === undefined) {
    return "cannot use --store-down without --store: name the store that may be gone";
  }
  const servesPages = types === undefined || types.includes("html") || types.includes("htm");
  if (servesPages) return undefined;
  if (spa) return "cannot use --spa with --types without html: the app's page would not be served";
  if (values["clean-urls"]) {
    return "cannot use --clean-urls with --types without html: no page would be served";
  }
  return undefined;
}
