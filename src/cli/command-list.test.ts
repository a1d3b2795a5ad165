import assert from "node:assert/strict";
import { test } from "node:test";
import { type Choice, chooseCommand, unknownCommand } from "./command-list.ts";

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
