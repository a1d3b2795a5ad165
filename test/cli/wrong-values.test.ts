// Every flag of every command against values that are mistakes: each is read, or refused in one line
// that names the flag and the value and says what is allowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadCommands } from "../../src/cli/command-list.ts";
import { parseTypedArgs } from "../../src/cli/parse-args.ts";
import { resolveValues } from "../../src/cli/resolve-values.ts";
import { isSwitch } from "../../src/config/flag.ts";
import { UsageError } from "../../src/config/usage-error.ts";

const COMMANDS = await loadCommands();

const WRONG_VALUES = [
  "",
  " ",
  "-1",
  "-0",
  "0",
  "1e999",
  "99999999999999999999",
  "NaN",
  "Infinity",
  "undefined",
  "null",
  "0x10",
  "1,2,,3",
  "1.5.2",
  "٣",
  "１２",
  "5 / s",
  "5/0s",
  "1.2.3.0/33",
  "1.2.3.4.5",
  "::1/129",
  "localhost:99999",
  "no/such/folder/x",
  "a\nb",
  "\u001b[31mred",
  "\u0000",
  "{",
  "[1]",
  "x".repeat(5000),
];

/** What a person who made a slip must never see. */
const INTERNALS =
  /undefined|\[object|at \/|at file:|\bE[A-Z]{4,}\b|ERR_|TypeError|RangeError|SyntaxError|Unexpected token/;

/** The value in quotes is the person's own. */
function withoutQuoted(message: string): string {
  return message.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

for (const { name: command, flags: table } of COMMANDS) {
  for (const flag of table) {
    if (isSwitch(flag)) continue;
    test(`weir ${command} --${flag.name}: a wrong value is refused in one plain line`, () => {
      for (const value of WRONG_VALUES) {
        const typed = parseTypedArgs([`--${flag.name}=${value}`], table).flags;
        const sources = { typed, env: {}, file: undefined, currentDir: "/" };
        try {
          resolveValues([flag], sources);
        } catch (error) {
          assert.ok(error instanceof UsageError, `${JSON.stringify(value)}: ${error}`);
          const { message } = error;
          assert.match(message, new RegExp(`^cannot use ".*" for --${flag.name}: \\S`, "s"));
          assert.doesNotMatch(message, /\p{Cc}/u);
          assert.doesNotMatch(withoutQuoted(message), INTERNALS, JSON.stringify(value));
          assert.ok(message.length < 500, message);
        }
      }
    });
  }
}

test("a value from the config file is refused with its name and the file", () => {
  for (const { name: command, flags: table } of COMMANDS) {
    for (const flag of table) {
      const texts = new Map([[flag.name, "\n"]]);
      const sources = { typed: new Map(), env: {}, file: { path: "c.json", baseDir: "/", texts } };
      try {
        resolveValues([flag], { ...sources, currentDir: "/" });
      } catch (error) {
        assert.match((error as Error).message, new RegExp(` for "${flag.name}" in "c.json": `));
        continue;
      }
      // A path may be anything.
      assert.match(flag.placeholder ?? "", /DIR|FILE/, `weir ${command} --${flag.name}`);
    }
  }
});

test("a value from the environment is refused with the name of its variable", () => {
  for (const { name: command, flags: table } of COMMANDS) {
    for (const flag of table) {
      // Some systems set HOST to what is no address: that is passed over with a warning.
      if (flag.env === undefined || flag.env === "HOST") continue;
      const sources = { typed: new Map(), env: { [flag.env]: "\n" }, file: undefined };
      try {
        resolveValues([flag], { ...sources, currentDir: "/" });
      } catch (error) {
        assert.match((error as Error).message, new RegExp(`for ${flag.env} in the environment: `));
        continue;
      }
      // A path may be anything.
      assert.match(flag.placeholder ?? "", /DIR|FILE/, `weir ${command} --${flag.name}`);
    }
  }
});
