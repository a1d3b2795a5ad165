// The rule of faces (docs/ARCHITECTURE.md): a room imports from another room only what that one shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { roomOf } from "../shape/rooms.ts";
import { type FileFacts, isProgram, readFacts } from "../shape/source-facts.ts";
import { roomsOf } from "../shape/tree-shape.ts";
import { FACES } from "./faces.ts";
import { readSourceFiles } from "./source-files.ts";

type Faces = Readonly<Record<string, readonly string[]>>;

function findFaceFaults(files: readonly FileFacts[], faces: Faces): string[] {
  return roomsOf(files, roomOf).flatMap(({ room, faceFiles }) => {
    const shown = (faces[room] ?? []).map((name) => `src/${room}/${name}.ts`);
    const importersOf = (path: string): string =>
      files
        .filter(({ path: from, imports }) => imports.includes(path) && roomOf(from) !== room)
        .map(({ path: from }) => from)
        .join(", ");
    return [
      ...faceFiles
        .filter((path) => !shown.includes(path))
        .map(
          (path) =>
            `${path} is no face of src/${room}, and ${importersOf(path)} imports it: use what ` +
            `test/rules/faces.ts lists for "${room}", or decide that the room shows this too (npm run faces).`,
        ),
      ...shown
        .filter((path) => !faceFiles.includes(path))
        .map(
          (path) =>
            `${path} is imported by no other room: take it out of test/rules/faces.ts (npm run faces).`,
        ),
    ];
  });
}

const FILES = readFacts([
  { path: "src/site/answer.ts", text: 'import "./inner.ts"; import "../base/clock.ts";' },
  { path: "src/site/inner.ts", text: "" },
  { path: "src/site/file/range.ts", text: "" },
  { path: "src/request/handle.ts", text: 'import "../site/answer.ts";' },
  { path: "src/base/clock.ts", text: "" },
]);

test("rooms import from each other only what is shown", () => {
  const files = readFacts(readSourceFiles("src").filter(isProgram));
  assert.deepEqual(findFaceFaults(files, FACES), []);
});

test("a tree whose imports are what is shown has no faults", () => {
  assert.deepEqual(findFaceFaults(FILES, { site: ["answer"], base: ["clock"] }), []);
});

test("an import of what is not shown is found, with who imports it", () => {
  assert.match(
    findFaceFaults(FILES, { site: [], base: ["clock"] }).join("\n"),
    /^src\/site\/answer\.ts is no face of src\/site, and src\/request\/handle\.ts imports it/,
  );
});

test("what is shown and imported by no other room is found [a file of the room, one that is gone]", () => {
  const faces = { site: ["answer", "file/range", "gone"], base: ["clock"] };
  assert.equal(findFaceFaults(FILES, faces).length, 2);
});

test("a room without a face is found", () => {
  assert.match(
    findFaceFaults(FILES, { site: ["answer"] }).join("\n"),
    /^src\/base\/clock\.ts is no/,
  );
});
