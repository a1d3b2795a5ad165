// Load results as programs get them: JSON (docs/LOAD-RESULT.md describes each field) and CSV; and the
// reading of the JSON that `weir load --json` saved, which may hold one run, rounds, or a pair of both.
// Others may have written or changed such a file, so everything a comparison reads is checked first. The
// number of a schema rises when a field changes its meaning or disappears; new fields may come at any
// time. Pure.

import { isObject } from "../../config/json-rules.ts";
import { LOAD_SCHEMA, type LoadResult, type SecondCounts } from "../result.ts";

export const ROUNDS_SCHEMA = "weir-load-rounds/1";
export const PAIR_SCHEMA = "weir-load-pair/1";

export type SavedResults =
  /** At least one. */
  | { readonly kind: "rounds"; readonly rounds: readonly LoadResult[] }
  | { readonly kind: "pair"; readonly a: readonly LoadResult[]; readonly b: readonly LoadResult[] }
  /** `why` completes `cannot compare "FILE": `. */
  | { readonly kind: "invalid"; readonly why: string };

const ADVICE = "give what weir load --json has saved";

/** Reads the text of a file that `weir load --json` saved; never throws. */
export function parseSavedResults(text: string): SavedResults {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The error is the same as for JSON that is something else.
  }
  if (!isObject(value)) return invalid(`it is not a JSON object; ${ADVICE}`);
  if (value.schema === PAIR_SCHEMA) {
    const [a, b] = [readRounds(value.a), readRounds(value.b)];
    if (typeof a === "string") return invalid(`a.${a}`);
    return typeof b === "string" ? invalid(`b.${b}`) : { kind: "pair", a, b };
  }
  const rounds = value.schema === ROUNDS_SCHEMA ? readRounds(value) : readRun(value, "");
  if (typeof rounds === "string") return invalid(rounds);
  return { kind: "rounds", rounds };
}

function invalid(why: string): SavedResults {
  return { kind: "invalid", why };
}

/** Returns the rounds, or what is wrong with them. */
function readRounds(value: unknown): readonly LoadResult[] | string {
  if (!isObject(value) || !Array.isArray(value.rounds) || value.rounds.length === 0) {
    return `rounds holds no run; ${ADVICE}`;
  }
  const runs = value.rounds.map((round, index) => readRun(round, `rounds[${index}].`));
  return runs.find((run) => typeof run === "string") ?? (runs.flat() as LoadResult[]);
}

/** `place` ends in a dot, or is empty for the whole file. */
function readRun(value: unknown, place: string): [LoadResult] | string {
  if (!isObject(value) || value.schema !== LOAD_SCHEMA) {
    return `${place}schema is not "${LOAD_SCHEMA}"; ${ADVICE}`;
  }
  const fault = findFault(value);
  if (fault !== undefined) return `${place}${fault.path} is not ${fault.expected}`;
  return [value as unknown as LoadResult];
}

type Check = readonly [expected: string, isValid: (value: unknown) => boolean];

const NUMBER: Check = [
  "a number of at least 0",
  (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
];
const STRING: Check = ["a text", (value) => typeof value === "string"];
const FLAG: Check = ["true or false", (value) => typeof value === "boolean"];
const LIST: Check = ["a list", Array.isArray];
const OBJECT: Check = ["an object", isObject];

/** Everything that a comparison reads, parents before their parts. */
const CHECKS: readonly (readonly [path: string, check: Check])[] = [
  ...["total", "admitted", "refused", "failed"].map((name) => [name, NUMBER] as const),
  ["started", STRING],
  ["interrupted", FLAG],
  ["rate", OBJECT],
  ["rate.achieved", NUMBER],
  ["rate.admitted", NUMBER],
  ["plan", OBJECT],
  ["plan.method", STRING],
  ["plan.keepAlive", FLAG],
  ...["connections", "threads", "pipelining", "delayMs", "warmUpMs"].map(
    (name) => [`plan.${name}`, NUMBER] as const,
  ),
  ["plan.sources", LIST],
  ["plan.model", OBJECT],
  ["plan.model.kind", ['"closed" or "open"', (value) => value === "closed" || value === "open"]],
  ["latencyMs", OBJECT],
];

const STAGE_CHECK: Check = [
  "a list of stages",
  (value) =>
    Array.isArray(value) &&
    value.every(
      (stage) =>
        isObject(stage) && NUMBER[1](stage.ratePerSecond) && isAbsentOrNumber(stage.durationMs),
    ),
];

/** Absent when the plan has no such bound. */
const BOUNDS: typeof CHECKS = ["plan.requests", "plan.durationMs"].map((path) => [
  path,
  [NUMBER[0], isAbsentOrNumber],
]);

function isAbsentOrNumber(value: unknown): boolean {
  return value === undefined || NUMBER[1](value);
}

function findFault(
  run: Readonly<Record<string, unknown>>,
): { path: string; expected: string } | undefined {
  const isOpen = readPath(run, "plan.model.kind") === "open";
  const summaries = ["latencyMs.all", "latencyFromDueMs.all"].filter(
    (path) => readPath(run, path) !== undefined,
  );
  const all: typeof CHECKS = [
    ...CHECKS,
    ...BOUNDS,
    ...(isOpen ? ([["plan.model.stages", STAGE_CHECK]] as const) : []),
    ...summaries.flatMap((path) => [
      [path, OBJECT] as const,
      ...["p50", "p90", "p99"].map((name) => [`${path}.${name}`, NUMBER] as const),
    ]),
  ];
  for (const [path, [expected, isValid]] of all) {
    if (!isValid(readPath(run, path))) return { path, expected };
  }
  return undefined;
}

function readPath(value: unknown, path: string): unknown {
  return path.split(".").reduce((at, name) => (isObject(at) ? at[name] : undefined), value);
}

/** Indented, with a newline at its end. */
export function formatLoadJson(result: LoadResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

const COLUMNS: readonly (readonly [
  name: string,
  read: (second: SecondCounts) => number | undefined,
])[] = [
  ["second", ({ second }) => second],
  ["due", ({ due }) => due],
  ["admitted", ({ admitted }) => admitted],
  ["refused", ({ refused }) => refused],
  ["failed", ({ failed }) => failed],
  ["body_bytes", ({ bodyBytes }) => bodyBytes],
  ["p50_ms", ({ p50Ms }) => p50Ms],
  ["p99_ms", ({ p99Ms }) => p99Ms],
];

/**
 * CSV (RFC 4180, with line feeds) for spreadsheets: a line of names, then one for each second of the run. A
 * cell is empty when nothing was measured.
 */
export function formatLoadCsv({ seconds }: LoadResult): string {
  const lines = seconds.map((second) => COLUMNS.map(([, read]) => read(second) ?? "").join(","));
  return [COLUMNS.map(([name]) => name).join(","), ...lines].map((line) => `${line}\n`).join("");
}
