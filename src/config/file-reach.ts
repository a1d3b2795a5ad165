// Whether rules about files can ever match one that is served: what --hidden, --types and the served
// folder itself say of their patterns. Pure but for looking into the folder. A rule that does nothing is
// refused, since somebody meant something by it. Called by the serve command.

import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { leadsInCircle, type RedirectRule } from "./redirect-rule.ts";
import { quote, UsageError } from "./usage-error.ts";

export interface ServedNames {
  /** Absolute. */
  readonly rootDir: string;
  readonly hidden: boolean;
  /** undefined: all. */
  readonly types: readonly string[] | undefined;
}

const WILD = /[*?]/;

/**
 * Throws UsageError, a whole line.
 * @param flag `--headers` or `--cache-control`
 * @param patterns as files/path-pattern.ts matches them
 */
export function checkReach(flag: string, patterns: readonly string[], names: ServedNames): void {
  for (const pattern of patterns) {
    const why =
      explainHidden(pattern, names) ?? explainType(pattern, names) ?? explainFolder(pattern, names);
    if (why !== undefined) throw new UsageError(`cannot use ${quote(pattern)} in ${flag}: ${why}`);
  }
}

/**
 * Throws UsageError, a whole line, for a redirect to a folder without its slash, which gets that slash,
 * and which another rule takes from it again.
 */
export function checkFolderRedirects(
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
    // What cannot be looked at may well be there.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "other";
  }
}
