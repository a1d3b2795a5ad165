import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { type FlagTable, type FlagValues, isSwitch } from "./flag.ts";
import { getFlags, labFlags, loadFlags, serveFlags } from "./flag-table.ts";

const tables: Record<string, FlagTable> = {
  serve: serveFlags,
  load: loadFlags,
  get: getFlags,
  lab: labFlags,
};

for (const [name, table] of Object.entries(tables)) {
  test(`the flags of ${name} have names and letters of their own, and none of help and version`, () => {
    const names = ["help", "version", ...table.map((flag) => flag.name)];
    const letters = ["h", "V", ...table.flatMap((flag) => flag.short ?? [])];
    const envNames = table.flatMap((flag) => flag.env ?? []);
    for (const words of [names, letters, envNames]) assert.equal(new Set(words).size, words.length);
    // `--no-x` is how the switch x is turned off.
    assert.ok(table.every((flag) => !flag.name.startsWith("no-")));
  });

  test(`the fallbacks of ${name} are read by their own parsers, and every switch has one`, () => {
    for (const flag of table) {
      if (flag.fallback !== undefined) flag.parse(flag.fallback, "/");
      if (isSwitch(flag)) assert.match(flag.fallback ?? "", /^(on|off)$/, flag.name);
    }
  });

  test(`the help of each flag of ${name} is one sentence without a full stop`, () => {
    for (const { help } of table) assert.match(help, /^[^\n]{5,80}[^.\n]$/);
  });
}

test("--state memory is memory, and a folder starts from the folder it was written in", () => {
  const state = serveFlags.find((flag) => flag.name === "state")!;
  assert.deepEqual(state.parse("memory", "/base"), { kind: "memory" });
  assert.deepEqual(state.parse("x", "/base"), { kind: "folder", path: resolve("/base/x") });
});

test("values are typed by the table: with a fallback never undefined, without one perhaps", () => {
  type ServeValues = FlagValues<typeof serveFlags>;
  const port: ServeValues["port"] = 8001;
  const workers: ServeValues["workers"] = undefined;
  const log: ServeValues["log"] = "json";
  // @ts-expect-error a port is a number
  const wrongPort: ServeValues["port"] = "8001";
  // @ts-expect-error a flag with a fallback always has a value
  const missingDelay: ServeValues["delay"] = undefined;
  assert.ok([port, workers, log, wrongPort, missingDelay].length === 5);
});
