// Reads weir.config.json: one JSON object whose names are the long flags. It returns each value as the text
// that a person would have typed for the flag, so that one parser serves both. The command line calls it
// before it settles the values; it does not know what they mean.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findRepeatedName } from "./json-rules.ts";
import { findNearestName, quote, UsageError } from "./usage-error.ts";

export const DEFAULT_CONFIG_FILE = "weir.config.json";

/** A name that the file may hold, and the JSON of its value (a string always, except for a switch). */
export interface ConfigName {
  readonly name: string;
  readonly json: "string" | "number" | "list" | "rules" | "switch";
}

export interface ConfigFile {
  /** The path as it was given, for messages. */
  readonly path: string;
  /** Absolute folder that relative paths in the file start from. */
  readonly baseDir: string;
  readonly texts: ReadonlyMap<string, string>;
}

const allowedJson = {
  string: "give a string",
  number: "give a string or a number",
  list: "give a string or an array of strings",
  rules: "give an object or an array",
  switch: "give true or false",
} as const;

/**
 * `path` undefined reads the default file of the current folder, if there is one. Throws UsageError for a
 * named file that is absent, and for anything in the file that is not allowed.
 * @param origin where the path was named, with a space before it; "" where it was typed
 */
export function readConfigFile(
  path: string | undefined,
  names: readonly ConfigName[],
  origin = "",
): ConfigFile | undefined {
  const shownPath = path ?? DEFAULT_CONFIG_FILE;
  let json: string;
  try {
    json = readFileSync(shownPath, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (path === undefined && code === "ENOENT") return undefined;
    throw new UsageError(
      `cannot read the config file ${quote(shownPath)}: ${whyUnreadable(code)}${origin}`,
    );
  }
  const texts = parseConfig(json, shownPath, names);
  return { path: shownPath, baseDir: dirname(resolve(shownPath)), texts };
}

/** The texts by name. Pure; `path` is for messages only. */
export function parseConfig(
  json: string,
  path: string,
  names: readonly ConfigName[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(parseObject(json, path))) {
    const known = names.find((candidate) => candidate.name === name);
    if (known === undefined) throw unknownName(name, path, names);
    const text = formatAsTyped(value, known.json);
    if (text === undefined) {
      const shown = typeof value === "string" ? quote(value) : quote(JSON.stringify(value));
      throw new UsageError(
        `cannot use ${shown} for ${quote(name)} in ${quote(path)}: ${allowedJson[known.json]}`,
      );
    }
    texts.set(name, text);
  }
  return texts;
}

function parseObject(json: string, path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ""));
  } catch (error) {
    // The engine's message quotes the file, which may contain line ends.
    const reason = (error as Error).message.replace(/\p{Cc}+/gu, " ");
    throw new UsageError(`cannot read the config file ${quote(path)}: it is not JSON (${reason})`);
  }
  const repeated = findRepeatedName(json);
  if (repeated !== undefined) {
    throw new UsageError(
      `cannot use the config file ${quote(path)}: ${quote(repeated)} appears twice in one object; keep one of them`,
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(
    `cannot use the config file ${quote(path)}: it must hold one JSON object, such as {"port": 8001}`,
  );
}

function formatAsTyped(value: unknown, json: ConfigName["json"]): string | undefined {
  if (json === "switch") return typeof value === "boolean" ? String(value) : undefined;
  if (typeof value === "string") return value;
  if (json === "number" && typeof value === "number") return String(value);
  // The parser of the flag reads JSON, and knows what it must hold.
  if (json === "rules" && typeof value === "object" && value !== null) return JSON.stringify(value);
  const isList = json === "list" && Array.isArray(value);
  return isList && value.every((part) => typeof part === "string") ? value.join(",") : undefined;
}

function unknownName(name: string, path: string, names: readonly ConfigName[]): UsageError {
  const known = names.map((candidate) => candidate.name);
  const positive = name.startsWith("no-") ? name.slice(3) : "";
  const isNegated = names.some((each) => each.name === positive && each.json === "switch");
  const nearest = findNearestName(name.replace(/^--/, ""), known);
  const advice = isNegated
    ? `write "${positive}": false`
    : nearest
      ? `did you mean ${quote(nearest)}?`
      : `the names are ${known.join(", ")}`;
  return new UsageError(`unknown name ${quote(name)} in ${quote(path)}: ${advice}`);
}

function whyUnreadable(code: string): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "it is a folder; give a JSON file";
  if (code === "EACCES" || code === "EPERM") return "it is not readable for this user";
  return `the system says ${code}`;
}
