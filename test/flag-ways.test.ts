// Every flag of `weir serve` in each of the ways to give it: typed, in the environment, in the config
// file. Generated from the table, so that a new row is tested without another line here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTypedArgs } from "../src/cli/parse-args.ts";
import { listConfigNames, settleValues } from "../src/cli/resolve-values.ts";
import { parseConfig } from "../src/config/config-file.ts";
import { type Flag, type FlagTable, isSwitch, keyOf } from "../src/config/flag.ts";
import { serveFlags } from "../src/config/serve-flags.ts";

const table: FlagTable = serveFlags;
const CURRENT_DIR = "/here";
const FILE_PATH = "c.json";

/** Values that people give, as the config file holds them. Each flag takes the first that it can read. */
const SAMPLES: readonly unknown[] = [
  7,
  "7/m",
  "7s",
  ["127.0.0.9", "127.0.0.10"],
  ["html", "png"],
  [{ path: "*.html", set: { "X-A": "1" } }],
  [{ from: "/a", to: "/b" }],
  { "*.html": "no-cache" },
  "redis://127.0.0.1:7/7",
  "127.0.0.1:7",
  "/some/place",
];

interface Sample {
  readonly json: unknown;
  /** The same as it is typed. */
  readonly text: string;
}

function formatSample(json: unknown): string {
  if (Array.isArray(json) && json.every((part) => typeof part === "string")) return json.join(",");
  return typeof json === "object" ? JSON.stringify(json) : String(json);
}

function isJsonFor({ kind }: Flag, sample: unknown): boolean {
  if (typeof sample === "number") return kind === "number";
  return typeof sample !== "object" || kind === "list" || kind === "rules";
}

function isRead(flag: Flag, text: string): boolean {
  try {
    flag.parse(text, CURRENT_DIR);
    return true;
  } catch {
    return false;
  }
}

/** A value that is not the default. */
function sampleOf(flag: Flag): Sample {
  if (isSwitch(flag)) {
    const isOn = flag.fallback === "off";
    return { json: isOn, text: isOn ? "on" : "off" };
  }
  const words = (flag.words ?? []).filter((word) => word !== flag.fallback);
  const json = [...words, ...SAMPLES].find(
    (sample) => isJsonFor(flag, sample) && isRead(flag, formatSample(sample)),
  );
  assert.notEqual(json, undefined, `no sample fits --${flag.name}: add one that its parser reads`);
  return { json, text: formatSample(json) };
}

function typedArgs(flag: Flag, text: string): string[] {
  if (isSwitch(flag)) return [text === "on" ? `--${flag.name}` : `--no-${flag.name}`];
  return [`--${flag.name}=${text}`];
}

interface Given {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly json?: Readonly<Record<string, unknown>>;
}

function settle({ args = [], env = {}, json }: Given) {
  const names = listConfigNames(table, "dir");
  const texts = parseConfig(JSON.stringify(json ?? {}), FILE_PATH, names);
  return settleValues(table, {
    typed: parseTypedArgs(args, table).flags,
    env,
    file: json && { path: FILE_PATH, baseDir: CURRENT_DIR, texts },
    currentDir: CURRENT_DIR,
  });
}

const defaults = settle({}).values;

for (const flag of table) {
  const { name, env = "" } = flag;
  const { json, text } = sampleOf(flag);

  test(`--${name}, ${env} and "${name}" in the config file mean the same [${text}]`, () => {
    const { values, origins } = settle({ args: typedArgs(flag, text) });
    assert.notDeepEqual(values, defaults);
    assert.deepEqual(
      { ...values, [keyOf(flag)]: undefined },
      { ...defaults, [keyOf(flag)]: undefined },
    );
    assert.equal(origins[name]?.kind, "typed");
    const byVariable = settle({ env: { [env]: text } });
    assert.deepEqual(byVariable.values, values);
    assert.equal(byVariable.origins[name]?.text, `${env} in the environment`);
    // The file that names itself would be read before it is found.
    if (name === "config") return;
    const byFile = settle({ json: { [name]: json } });
    assert.deepEqual(byFile.values, values);
    assert.equal(byFile.origins[name]?.text, `"${name}" in "c.json"`);
  });

  test(`--${name} wins over ${env}, which wins over the config file`, () => {
    const typed = settle({ args: typedArgs(flag, text) }).values;
    // What loses is not read, so it may be wrong.
    const wrong = { [env]: "\n" };
    assert.deepEqual(settle({ args: typedArgs(flag, text), env: wrong }).values, typed);
    if (name === "config") return;
    const file = { [name]: isSwitch(flag) ? !json : "\n" };
    assert.deepEqual(settle({ env: { [env]: text }, json: file }).values, typed);
    assert.deepEqual(settle({ env: { [env]: "" }, json: { [name]: json } }).values, typed);
  });
}

for (const flag of table.filter(isSwitch)) {
  test(`${flag.env} takes on, off, true, false, 1 and 0, in capitals too, and nothing else`, () => {
    const valuesOf = (text: string): Readonly<Record<string, unknown>> => ({
      ...settle({ env: { [flag.env!]: text } }).values,
    });
    for (const text of ["on", "true", "1", "yes", "ON", "True"]) {
      assert.equal(valuesOf(text)[keyOf(flag)], true, text);
    }
    for (const text of ["off", "false", "0", "no", "OFF", "False"]) {
      assert.equal(valuesOf(text)[keyOf(flag)], false, text);
    }
    assert.throws(() => valuesOf("maybe"), {
      name: "UsageError",
      message: new RegExp(`^cannot use "maybe" for ${flag.env} in the environment: give on or off`),
    });
  });
}

for (const flag of table.filter(({ repeats }) => repeats)) {
  test(`${flag.env} takes several values with commas, as --${flag.name} does when it is repeated`, () => {
    const [first, second] = sampleOf(flag).text.split(",");
    const repeated = settle({ args: [`--${flag.name}=${first}`, `--${flag.name}=${second}`] });
    const byVariable = settle({ env: { [flag.env!]: `${first},${second}` } });
    assert.deepEqual(byVariable.values, repeated.values);
  });
}
