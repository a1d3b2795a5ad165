import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { parsePort, parseSwitch } from "../config/quantity.ts";
import type { FlagTable } from "./flag.ts";
import { listConfigNames, resolveValues, type ValueSources } from "./resolve-values.ts";

const table = [
  {
    name: "port",
    env: "PORT",
    placeholder: "N",
    fallback: "8001",
    json: "number",
    parse: parsePort,
    help: "",
  },
  { name: "hidden", env: "HIDDEN", fallback: "off", parse: parseSwitch, help: "" },
  { name: "out", placeholder: "DIR", parse: (text, baseDir) => resolve(baseDir, text), help: "" },
  { name: "config", placeholder: "FILE", parse: String, help: "" },
] as const satisfies FlagTable;

function sources({ typed = {}, env = {}, file = {} }: Record<string, Record<string, string>>) {
  const flags = Object.entries(typed).map(([name, text]) => {
    return [name, { text, spelling: `--${name}` }] as const;
  });
  const texts = new Map(Object.entries(file));
  const config = { path: "c.json", baseDir: "/config", texts };
  return {
    typed: new Map(flags),
    env,
    file: texts.size > 0 ? config : undefined,
    currentDir: "/here",
  } satisfies ValueSources;
}

const precedence: [Record<string, Record<string, string>>, port: number][] = [
  [{}, 8001],
  [{ file: { port: "3" } }, 3],
  [{ file: { port: "3" }, env: { PORT: "2" } }, 2],
  [{ file: { port: "3" }, env: { PORT: "2" }, typed: { port: "1" } }, 1],
  [{ file: { port: "3" }, env: { PORT: "" } }, 3],
  [{ env: { PORT: "" } }, 8001],
  [{ file: { port: "bad" }, env: { PORT: "bad" }, typed: { port: "1" } }, 1],
];

for (const [given, port] of precedence) {
  test(`resolveValues settles on port ${port} of ${JSON.stringify(given)}`, () => {
    assert.equal(resolveValues(table, sources(given)).port, port);
  });
}

const refused: [Record<string, Record<string, string>>, target: string][] = [
  [{ typed: { port: "x" } }, "--port"],
  [{ env: { PORT: "x" } }, "PORT in the environment"],
  [{ file: { port: "x" } }, '"port" in "c.json"'],
];

for (const [given, target] of refused) {
  test(`resolveValues names the place of the wrong value in ${JSON.stringify(given)}`, () => {
    const message = `cannot use "x" for ${target}: give a number from 0 to 65535`;
    assert.throws(() => resolveValues(table, sources(given)), { name: "UsageError", message });
  });
}

test("resolveValues lets an environment variable turn a switch on, and the flag turn it off", () => {
  assert.equal(resolveValues(table, sources({ env: { HIDDEN: "yes" } })).hidden, true);
  const both = sources({ env: { HIDDEN: "yes" }, typed: { hidden: "off" } });
  assert.equal(resolveValues(table, both).hidden, false);
});

test("resolveValues starts typed paths from the current folder and those of the file from its own", () => {
  assert.equal(resolveValues(table, sources({ typed: { out: "x" } })).out, resolve("/here/x"));
  assert.equal(resolveValues(table, sources({ file: { out: "x" } })).out, resolve("/config/x"));
});

test("resolveValues freezes the values, and one without fallback may be undefined", () => {
  const values = resolveValues(table, sources({}));
  assert.ok(Object.isFrozen(values));
  assert.equal(values.out, undefined);
});

test("listConfigNames gives every flag but --config, and the positional", () => {
  assert.deepEqual(listConfigNames(table, "dir"), [
    { name: "dir", json: "string" },
    { name: "port", json: "number" },
    { name: "hidden", json: "switch" },
    { name: "out", json: "string" },
  ]);
});
