import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { type ConfigOf, type FlagTable, variableOf } from "../config/flag.ts";
import { serveFlags, serveGroups, WORKERS_MAX } from "../config/serve-flags.ts";
import { THREADS_MAX } from "../memory/memory-layout.ts";
import { parseTypedArgs } from "./parse-args.ts";

const table: FlagTable = [
  {
    name: "port",
    short: "p",
    kind: "number",
    placeholder: "N",
    fallback: "8001",
    parse: String,
    help: "",
  },
  { name: "json", kind: "file", placeholder: "FILE|-", parse: String, help: "" },
  { name: "listing", kind: "switch", fallback: "on", parse: String, help: "" },
  {
    name: "header",
    short: "H",
    kind: "text",
    placeholder: "H",
    repeats: true,
    parse: String,
    help: "",
  },
];

const accepted: [args: string[], flags: Record<string, string>, positionals?: string[]][] = [
  [[], {}],
  [["-p", "8001"], { port: "8001" }],
  [["-p8001"], { port: "8001" }],
  [["-p=8001"], { port: "8001" }],
  [["--port", "8001"], { port: "8001" }],
  [["--port=8001"], { port: "8001" }],
  [["--port=a=b"], { port: "a=b" }],
  [["--port="], { port: "" }],
  [["--port", "1", "-p2"], { port: "2" }],
  [["-H", "A: 1", "--header=B: 2", "-HC: 3"], { header: "A: 1\nB: 2\nC: 3" }],
  [["--port", "-5"], { port: "-5" }],
  [["--port=--json"], { port: "--json" }],
  [["--json", "-"], { json: "-" }],
  [["--json=-"], { json: "-" }],
  [["--listing"], { listing: "on" }],
  [["--no-listing"], { listing: "off" }],
  [["--no-listing", "--listing"], { listing: "on" }],
  [["a", "-p1", "b"], { port: "1" }, ["a", "b"]],
  [["--", "-p1", "--help"], {}, ["-p1", "--help"]],
  [["-p1", "--", "--", "x"], { port: "1" }, ["--", "x"]],
  [["-"], {}, ["-"]],
  [["--listing", "yes"], { listing: "on" }, ["yes"]],
];

for (const [args, flags, positionals = []] of accepted) {
  test(`parseTypedArgs reads [${args.join(" ")}]`, () => {
    const typed = parseTypedArgs(args, table);
    const texts = [...typed.flags].map(([name, { text }]) => [name, text]);
    assert.deepEqual(Object.fromEntries(texts), flags);
    assert.deepEqual(typed.positionals, positionals);
  });
}

const switchMessage =
  'cannot use "yes" for --listing: a switch takes no value (write --listing or --no-listing)';
const refused: [args: string[], message: string][] = [
  [["--prot", "1"], 'unknown flag "--prot": did you mean --port?'],
  [["--no-lsting"], 'unknown flag "--no-lsting": did you mean --no-listing?'],
  [["--no-port"], 'unknown flag "--no-port"'],
  [["--hlep"], 'unknown flag "--hlep": did you mean --help?'],
  [["--zzz=1"], 'unknown flag "--zzz"'],
  [["--__proto__"], 'unknown flag "--__proto__"'],
  [["--constructor"], 'unknown flag "--constructor"'],
  [["-x"], 'unknown flag "-x"'],
  [["-x8001"], 'unknown flag "-x"'],
  [["-port", "80"], 'unknown flag "-port": did you mean --port?'],
  [["-listing"], 'unknown flag "-listing": did you mean --listing?'],
  [["--port"], "missing value for --port: give N, such as --port 8001"],
  [["-p"], "missing value for -p: give N, such as -p 8001"],
  [["--json"], "missing value for --json: give FILE|-"],
  [["--port", "--json", "x"], "missing value for --port: give N, such as --port 8001"],
  [["--listing=yes"], switchMessage],
  [
    ["--no-listing=yes"],
    'cannot use "yes" for --no-listing: a switch takes no value (write --listing or --no-listing)',
  ],
];

for (const [args, message] of refused) {
  test(`parseTypedArgs refuses [${args.join(" ")}]`, () => {
    assert.throws(() => parseTypedArgs(args, table), { name: "UsageError", message });
  });
}

for (const args of [["--help"], ["-h"], ["x", "--help"], ["--zzz", "-h"], ["-p1", "-h"]]) {
  test(`parseTypedArgs sees the wish for help in [${args.join(" ")}]`, () => {
    assert.equal(parseTypedArgs(args, table).asksHelp, true);
  });
}

test("parseTypedArgs sees the wish for the version in [-V] and not in [-- -V]", () => {
  assert.equal(parseTypedArgs(["-V"], table).asksVersion, true);
  assert.equal(parseTypedArgs(["--", "-V"], table).asksVersion, false);
});

test("--state memory is memory, and a folder starts from the folder it was written in", () => {
  const state = serveFlags.find((flag) => flag.name === "state")!;
  assert.deepEqual(state.parse("memory", "/base"), { kind: "memory" });
  assert.deepEqual(state.parse("x", "/base"), { kind: "folder", path: resolve("/base/x") });
});

/** Fixed names, which other programs and older scripts use. */
const FIXED_VARIABLES: Record<string, string> = {
  port: "PORT",
  host: "HOST",
  workers: "WORKERS",
  concurrency: "CONCURRENCY",
  delay: "DELAY",
  rate: "RATE",
};

test("every flag of serve has a variable of its name, or one that was there before that rule", () => {
  const table: FlagTable = serveFlags;
  for (const flag of table) {
    assert.equal(flag.env, FIXED_VARIABLES[flag.name] ?? variableOf(flag.name));
  }
  assert.equal(variableOf("idle-timeout"), "WEIR_IDLE_TIMEOUT");
});

test("every flag of serve is in one group, and ten of them are for most people", () => {
  const grouped = serveGroups.flatMap(({ flags }) => [...flags]);
  assert.deepEqual(grouped, [...serveFlags]);
  assert.equal(serveFlags.filter((flag) => "isCommon" in flag).length, 10);
});

test("--workers takes as many as the shared memory has places for", () => {
  assert.equal(WORKERS_MAX, THREADS_MAX);
});

test("values are typed by the table: with a fallback never undefined, without one perhaps", () => {
  type Values = ConfigOf<typeof serveFlags>;
  const port: Values["port"] = 8001;
  const workers: Values["workers"] = undefined;
  const log: Values["log"] = "json";
  const exempt: Values["exempt"] = [];
  const stallTimeoutMs: Values["stallTimeoutMs"] = 1;
  // @ts-expect-error a port is a number
  const wrongPort: Values["port"] = "8001";
  // @ts-expect-error a flag with a fallback always has a value
  const missingDelay: Values["delayMs"] = undefined;
  // @ts-expect-error a flag that is an empty list when nobody gives it is never undefined
  const missingExempt: Values["exempt"] = undefined;
  // @ts-expect-error a duration says its unit
  const unitless: Values["delay"] = 1;
  const all = [port, workers, log, exempt, stallTimeoutMs, wrongPort];
  assert.ok([...all, missingDelay, missingExempt, unitless].length === 9);
});
