import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import type { FlagTable } from "../config/flag.ts";
import { parseOneOf, parsePort, parseSwitch } from "../config/quantity.ts";
import { serveFlags } from "../config/serve-flags.ts";
import type { UsageError } from "../config/usage-error.ts";
import {
  describeUnknownVariables,
  listConfigNames,
  resolveValues,
  settleValues,
  type ValueSources,
} from "./resolve-values.ts";

const table = [
  {
    name: "port",
    env: "PORT",
    kind: "number",
    placeholder: "N",
    fallback: "8001",
    parse: parsePort,
    help: "",
  },
  { name: "hidden", env: "HIDDEN", kind: "switch", fallback: "off", parse: parseSwitch, help: "" },
  {
    name: "out",
    kind: "folder",
    placeholder: "DIR",
    parse: (text, baseDir) => resolve(baseDir, text),
    help: "",
  },
  {
    name: "host",
    env: "HOST",
    isShared: true,
    kind: "text",
    placeholder: "H",
    parse: (text) => parseOneOf(text, ["a", "b"]),
    help: "",
  },
  { name: "config", kind: "file", placeholder: "FILE", parse: String, help: "" },
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

test("a wrong variable of a common name says how to get rid of it, and who may have set it", () => {
  const adviceOf = (PORT: string): string => {
    try {
      resolveValues(table, sources({ env: { PORT } }));
    } catch (error) {
      return (error as UsageError).advice ?? "";
    }
    return "no error";
  };
  // Kubernetes is not blamed: it sets NAME_PORT for a service called NAME, and never PORT.
  for (const text of ["web", "tcp://10.0.0.1:80"]) {
    assert.equal(
      adviceOf(text),
      "another program may have set PORT: --port wins over it, or unset PORT",
    );
  }
});

test("a variable that others set too is passed over with a warning, and the next source counts", () => {
  const settle = (given: Record<string, Record<string, string>>) => {
    const lines: string[] = [];
    const all = { ...sources(given), warn: (line: string) => lines.push(line) };
    const { values, origins } = settleValues(table, all);
    return { host: values.host, origin: origins.host?.kind, warnings: lines.length, lines };
  };
  const passedOver = settle({ env: { HOST: "x86_64-conda-linux-gnu" } });
  assert.match(
    passedOver.lines[0] ?? "",
    /^HOST "x86_64-conda-linux-gnu" in the environment is passed over/,
  );
  const { lines: _, ...facts } = settle({ env: { HOST: "c" }, file: { host: "b" } });
  assert.deepEqual(facts, { host: "b", origin: "file", warnings: 1 });
  assert.equal(settle({ env: { HOST: "a" } }).warnings, 0);
  assert.throws(() => settle({ typed: { host: "c" } }), /cannot use "c" for --host/);
  assert.throws(() => settle({ file: { host: "c" } }), /for "host" in "c\.json"/);
});

test("each value knows where it came from", () => {
  const given = sources({ typed: { out: "x" }, env: { PORT: "2" }, file: { hidden: "true" } });
  assert.deepEqual(settleValues(table, given).origins, {
    port: { kind: "environment", text: "PORT in the environment" },
    hidden: { kind: "file", text: '"hidden" in "c.json"' },
    out: { kind: "typed", text: "--out" },
  });
});

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
    { name: "host", json: "string" },
  ]);
});

const warned: [env: Record<string, string>, advice: string][] = [
  [{ WEIR_IDEL_TIMEOUT: "5s" }, "did you mean WEIR_IDLE_TIMEOUT?"],
  [{ WEIR_IDLETIMEOUT: "5s" }, "did you mean WEIR_IDLE_TIMEOUT?"],
  [{ WEIR_HEADER: "[]" }, "did you mean WEIR_HEADERS?"],
  [{ WEIR_PORTS: "80" }, "did you mean PORT?"],
  [{ WEIR_PORT: "80" }, "the variable of --port is PORT"],
  [{ WEIR_RATE: "9/s" }, "the variable of --rate is RATE"],
  [{ WEIR_NO_LISTING: "1" }, "write WEIR_LISTING=off"],
];

for (const [env, advice] of warned) {
  const [name] = Object.keys(env);
  test(`${name} has no effect, and the line says: ${advice}`, () => {
    const lines = describeUnknownVariables(serveFlags, { PATH: "/bin", ...env });
    assert.deepEqual(lines, [`${name} in the environment has no effect: ${advice}`]);
  });
}

/** What Kubernetes sets in each Pod for a Service "weir", "weir-next" or "weir-store", and Docker for a link. */
const OF_SERVICES = {
  WEIR_SERVICE_HOST: "10.0.0.1",
  WEIR_SERVICE_PORT: "80",
  WEIR_SERVICE_PORT_HTTP: "80",
  WEIR_PORT: "tcp://10.0.0.1:80",
  WEIR_PORT_80_TCP: "tcp://10.0.0.1:80",
  WEIR_PORT_80_TCP_PROTO: "tcp",
  WEIR_PORT_80_TCP_PORT: "80",
  WEIR_PORT_80_TCP_ADDR: "10.0.0.1",
  WEIR_NEXT_PORT: "tcp://10.0.0.2:80",
  WEIR_NEXT_SERVICE_HOST: "10.0.0.2",
  WEIR_STORE_PORT: "tcp://10.0.0.3:6379",
  WEIR_STORE_SERVICE_HOST: "10.0.0.3",
  WEIR_STORE_SERVICE_PORT: "6379",
};

/** A fleet's own, a unit file's, a test suite's, and what weir reads elsewhere. */
const OF_OTHERS = {
  WEIR_SOMETHING: "1",
  WEIR_VERSION: "0.1.0",
  WEIR_IMAGE: "registry.example.org/weir",
  WEIR_DIR: "/srv",
  WEIR_TIP: "1",
  WEIR_ENV: "prod",
  WEIR_NAME: "/web/weir",
  WEIR_OPTIONS: "--rate 20/s",
  WEIR_CORPORA: "corpora",
  WEIR_DEBUG: "1",
  WEIR_IDEL_TIMEOUT: "",
  WEIRD: "1",
  weir_idel_timeout: "1",
};

test("variables that are right, empty, or others' own are passed over in silence", () => {
  const flags: FlagTable = serveFlags;
  const right = flags.flatMap(({ env }) => env ?? []);
  const env = { ...Object.fromEntries(right.map((name) => [name, "x"])), ...OF_SERVICES };
  assert.deepEqual(describeUnknownVariables(serveFlags, { ...env, ...OF_OTHERS }), []);
});
