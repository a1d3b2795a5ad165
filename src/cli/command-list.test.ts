import assert from "node:assert/strict";
import { test } from "node:test";
import { isSwitch, keyOf } from "../config/flag.ts";
import {
  type Choice,
  chooseCommand,
  findFlagOwners,
  loadCommands,
  unknownCommand,
} from "./command-list.ts";
import { describeUnknownVariables } from "./resolve-values.ts";

const COMMANDS = await loadCommands();

const folders = new Set(["public", "get", "help"]);

const cases: [argv: string[], choice: Choice][] = [
  [[], { kind: "implied", name: "serve", args: [] }],
  [["serve"], { kind: "run", name: "serve", args: [] }],
  [["load", "-n", "5"], { kind: "run", name: "load", args: ["-n", "5"] }],
  [["get"], { kind: "run", name: "get", args: [] }],
  [["public"], { kind: "implied", name: "serve", args: ["public"] }],
  [["./get"], { kind: "implied", name: "serve", args: ["./get"] }],
  [["-p", "80"], { kind: "implied", name: "serve", args: ["-p", "80"] }],
  [["sreve", "-x"], { kind: "unknown", word: "sreve" }],
  [["Größe"], { kind: "unknown", word: "Größe" }],
  [["constructor"], { kind: "unknown", word: "constructor" }],
  [["./absent"], { kind: "implied", name: "serve", args: ["./absent"] }],
  [["absent.html"], { kind: "implied", name: "serve", args: ["absent.html"] }],
  [[""], { kind: "implied", name: "serve", args: [""] }],
  [["help", "get"], { kind: "help", args: ["get"] }],
  [["--help"], { kind: "help", args: [] }],
  [["-h"], { kind: "help", args: [] }],
];

for (const [argv, choice] of cases) {
  test(`chooseCommand of [${argv.join(" ")}] is ${choice.kind}`, () => {
    const isThere = (path: string) => folders.has(path);
    assert.deepEqual(chooseCommand(argv, isThere), choice);
  });
}

test("unknownCommand suggests a near name, else lists the commands", () => {
  const near = unknownCommand("command or folder", "laod");
  assert.equal(near.message, 'unknown command or folder "laod": did you mean weir load?');
  const far = unknownCommand("command", "xyz");
  assert.equal(
    far.message,
    'unknown command "xyz": the commands are serve, load, get, compare, hits, lab',
  );
});

const OWNERS: [spelling: string, message: string | undefined][] = [
  ["--port", 'unknown flag "--port": it belongs to weir serve'],
  ["--no-listing", 'unknown flag "--no-listing": it belongs to weir serve'],
  ["--rate", 'unknown flag "--rate": it belongs to weir serve and weir load'],
  ["-n", 'unknown flag "-n": it belongs to weir load'],
  ["-port", undefined],
  ["--no-port", undefined],
  ["--n", undefined],
];

for (const [spelling, message] of OWNERS) {
  test(`findFlagOwners of ${spelling} is ${message ?? "nothing"}`, async () => {
    assert.equal((await findFlagOwners(spelling))?.message, message);
  });
}

for (const { name, flags: table } of COMMANDS) {
  test(`the flags of ${name} have names and letters of their own, and none of help and version`, () => {
    const names = ["help", "version", ...table.map((flag) => flag.name)];
    const letters = ["h", "V", ...table.flatMap((flag) => flag.short ?? [])];
    const envNames = table.flatMap((flag) => flag.env ?? []);
    const keys = table.map(keyOf);
    for (const words of [names, letters, envNames, keys]) {
      assert.equal(new Set(words).size, words.length);
    }
    // `--no-x` is how the switch x is turned off.
    assert.ok(table.every((flag) => !flag.name.startsWith("no-")));
  });

  test(`the fallbacks of ${name} are read by their own parsers, and every switch has one`, () => {
    for (const flag of table) {
      if (flag.fallback !== undefined) flag.parse(flag.fallback, "/");
      if (isSwitch(flag)) assert.match(flag.fallback ?? "", /^(on|off)$/, flag.name);
    }
  });

  test(`each flag of ${name} has what help and completion need: a value's name, and words to choose`, () => {
    for (const flag of table) {
      assert.equal(flag.placeholder === undefined, isSwitch(flag), flag.name);
      if (flag.kind === "choice") assert.ok(flag.words && flag.words.length > 1, flag.name);
      for (const word of flag.words ?? []) {
        const value = flag.parse(word, "/");
        if (flag.kind === "choice") assert.equal(value, word);
      }
    }
  });

  test(`the help of each flag of ${name} is one sentence without a full stop`, () => {
    for (const { help } of table) assert.match(help, /^[^\n]{5,80}[^.\n]$/);
  });
}

test("a variable means the same for every command that reads it, or is read by one command only", () => {
  const owners = COMMANDS.flatMap(({ flags }) => flags.flatMap(({ env }) => env ?? []));
  assert.equal(new Set(owners).size, owners.length);
});

test("no command says anything about the variables of another one", () => {
  const names = COMMANDS.flatMap(({ flags }) => flags.flatMap(({ env }) => env ?? []));
  const env = Object.fromEntries(names.map((name) => [name, "x"]));
  for (const { flags } of COMMANDS) assert.deepEqual(describeUnknownVariables(flags, env), []);
});
