import assert from "node:assert/strict";
import { test } from "node:test";
import { fileEntry, listingOf } from "../../test/fixtures/sample-listing.ts";
import { createHtmlForm } from "./listing-html.ts";
import { createJsonForm } from "./listing-json.ts";
import {
  PreparedRows,
  REMEMBERED_MS,
  type ReadFolder,
  RememberedFolders,
} from "./remembered-folders.ts";

const htmlForm = createHtmlForm({ nowMs: 0, hasZip: false });
const jsonForm = createJsonForm({ prefix: "", isShared: true });
const ownForm = createJsonForm({ prefix: "/a", isShared: false });

function readFolder(name: string, fileCount: number, readMs = 0): ReadFolder {
  const files = Array.from({ length: fileCount }, (_, index) => fileEntry(`file-${index}`));
  const { pathSegments, content } = listingOf([name], files);
  return { pathSegments, content, version: "1", placesKey: "1", nameBytes: 8 * fileCount, readMs };
}

function memoryAt(nowMs: { value: number }, bytesMax?: number): RememberedFolders {
  const monotonicMs = () => nowMs.value;
  return new RememberedFolders(
    bytesMax === undefined ? { monotonicMs } : { monotonicMs, bytesMax },
  );
}

test("a folder is found by its path and its version, and by no other", () => {
  const memory = memoryAt({ value: 0 });
  const added = memory.add(readFolder("a", 3));
  assert.equal(memory.find(["a"], "1"), added);
  assert.equal(memory.find(["b"], "1"), undefined);
  assert.equal(memory.find([], "1"), undefined);
  assert.equal(memory.find(["a"], "2"), undefined);
  // Of another version by now: it will not come back.
  assert.equal(memory.find(["a"], "1"), undefined);
  assert.equal(memory.heldBytes, 0);
});

test("a folder is forgotten a second after its reading began", () => {
  const nowMs = { value: 5000 };
  const memory = memoryAt(nowMs);
  memory.add(readFolder("a", 3, 5000));
  nowMs.value = 5000 + REMEMBERED_MS - 1;
  assert.ok(memory.find(["a"], "1") !== undefined);
  nowMs.value = 5000 + REMEMBERED_MS;
  assert.equal(memory.find(["a"], "1"), undefined);
});

test("what nobody asks for is let go of too, by a timer that holds up no end", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const nowMs = { value: 0 };
  const memory = memoryAt(nowMs);
  memory.add(readFolder("a", 3));
  nowMs.value = REMEMBERED_MS / 2;
  memory.add(readFolder("b", 3, nowMs.value));
  nowMs.value = REMEMBERED_MS;
  t.mock.timers.tick(REMEMBERED_MS);
  const bytesOfB = memory.heldBytes;
  assert.ok(bytesOfB > 0);
  nowMs.value = 2 * REMEMBERED_MS;
  t.mock.timers.tick(REMEMBERED_MS);
  assert.equal(memory.heldBytes, 0);
  memory.add(readFolder("c", 3, nowMs.value));
  nowMs.value = 3 * REMEMBERED_MS;
  t.mock.timers.tick(REMEMBERED_MS);
  assert.equal(memory.heldBytes, 0);
});

test("no more is held than allowed, and what was asked for last stays (3 folders, room for 2)", () => {
  const oneBytes = memoryAt({ value: 0 }).add(readFolder("a", 100)).heldBytes;
  const memory = memoryAt({ value: 0 }, 2.5 * oneBytes);
  memory.add(readFolder("a", 100));
  memory.add(readFolder("b", 100));
  assert.ok(memory.find(["a"], "1") !== undefined);
  memory.add(readFolder("c", 100));
  assert.equal(memory.find(["b"], "1"), undefined);
  assert.ok(memory.find(["a"], "1") !== undefined);
  assert.ok(memory.find(["c"], "1") !== undefined);
  assert.equal(memory.heldBytes, 2 * oneBytes);
});

test("a folder that is larger than all there is room for is held as long as it is listed, and alone", () => {
  const memory = memoryAt({ value: 0 }, 5000);
  memory.add(readFolder("b", 3));
  const large = memory.add(readFolder("a", 1000));
  large.useCount++;
  assert.match(large.rowsIn(jsonForm)(999).before, /"file-999"/);
  assert.equal(memory.heldBytes, large.heldBytes);
  assert.equal(memory.find(["b"], "1"), undefined);
  memory.release(large);
  assert.equal(memory.heldBytes, 0);
});

test("a folder that is still listed is held when it is old, and found by nobody", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const nowMs = { value: 0 };
  const memory = memoryAt(nowMs);
  const folder = memory.add(readFolder("a", 3));
  folder.useCount++;
  nowMs.value = 10 * REMEMBERED_MS;
  t.mock.timers.tick(REMEMBERED_MS);
  assert.equal(memory.find(["a"], "1"), undefined);
  assert.ok(memory.heldBytes > 0);
  memory.release(folder);
  assert.equal(memory.heldBytes, 0);
});

test("one that was thrown out is held again when its listing goes on with it", () => {
  const memory = memoryAt({ value: 0 }, 5000);
  const one = memory.add(readFolder("a", 30));
  one.useCount++;
  const other = memory.add(readFolder("b", 30));
  other.useCount++;
  assert.equal(memory.heldBytes, other.heldBytes);
  memory.touch(one);
  assert.equal(memory.heldBytes, one.heldBytes);
});

test("the orders of a folder count as held until they are forgotten (100 places with hits)", () => {
  const memory = memoryAt({ value: 0 });
  const folder = memory.add(readFolder("a", 100));
  const before = memory.heldBytes;
  const chosen = { places: new Uint32Array(100), hits: new Float64Array(100) };
  folder.keepChosen("by hits", chosen);
  folder.keepChosen("by hits", chosen);
  assert.equal(memory.heldBytes, before + 1200);
  assert.equal(folder.chosenFor("by hits"), chosen);
  folder.forgetChosen("by hits");
  folder.forgetChosen("by hits");
  assert.equal(memory.heldBytes, before);
});

test("rows count as held once they are made, each once, in either form", () => {
  const memory = memoryAt({ value: 0 });
  const folder = memory.add(readFolder("a", 10));
  const held = [memory.heldBytes];
  for (const form of [htmlForm, htmlForm, jsonForm]) {
    for (let index = 0; index < 10; index++) folder.rowsIn(form)(index);
    held.push(memory.heldBytes);
  }
  const [content = 0, html = 0, again = 0, both = 0] = held;
  assert.ok(html > content + 1000 && both > again + 500, held.join(" "));
  assert.equal(again, html);
  assert.equal(folder.heldBytes, both);
  assert.match(folder.rowsIn(ownForm)(3).after, /"\/a\/a\/file-3"/);
  assert.equal(folder.heldBytes, both);
});

test("a folder that replaces one of the same path is held alone, whoever still lists the other", () => {
  const memory = memoryAt({ value: 0 });
  const before = memory.add(readFolder("a", 10));
  const after = memory.add(readFolder("a", 20));
  const held = memory.heldBytes;
  before.rowsIn(htmlForm)(0);
  assert.equal(memory.heldBytes, held);
  assert.equal(memory.find(["a"], "1"), after);
});

test("the rows of a folder of more than 20,000 entries are not held", () => {
  const memory = memoryAt({ value: 0 });
  const folder = memory.add(readFolder("a", 20_001));
  const held = memory.heldBytes;
  assert.match(folder.rowsIn(htmlForm)(20_000).before, /file-20000/);
  assert.equal(memory.heldBytes, held);
});

test("a folder that took long to read is new enough for those who asked before, and for nobody later", () => {
  const nowMs = { value: 0 };
  const memory = memoryAt(nowMs);
  nowMs.value = 5000;
  const folder = memory.add(readFolder("a", 3, 2000));
  assert.equal(memory.find(["a"], "1", 1900), folder);
  assert.equal(memory.find(["a"], "1", 2000), folder);
  assert.equal(memory.find(["a"], "1", 2001), undefined);
});

const formatRow = (index: number) => ({
  before: `<${index} é>`,
  after: index % 2 === 0 ? "" : "/я",
});

test("each row is what it would be by itself, in whatever order they are asked for (200 rows)", () => {
  const rows = new PreparedRows(200, formatRow, () => {});
  for (let step = 0; step < 400; step++) {
    const index = (step * 77) % 200;
    assert.deepEqual(rows.rowAt(index), formatRow(index));
  }
});

test("a row is formatted once, and rows that nobody asks for are not (65 of 1000)", () => {
  const formatted: number[] = [];
  const rows = new PreparedRows(
    1000,
    (index) => {
      formatted.push(index);
      return formatRow(index);
    },
    () => {},
  );
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 65; index++) rows.rowAt(index);
  }
  assert.deepEqual(
    formatted,
    Array.from({ length: 128 }, (_, index) => index),
  );
});

test("what is held is told as it grows, twice as much where characters are wide", () => {
  const grownBy = (before: string) => {
    let held = 0;
    const rows = new PreparedRows(
      64,
      () => ({ before, after: "" }),
      (bytes) => {
        held += bytes;
      },
    );
    rows.rowAt(0);
    rows.rowAt(63);
    return held;
  };
  const [narrow, wide] = [grownBy("é".repeat(1000)), grownBy("я".repeat(1000))];
  assert.ok(narrow >= 64_000 && narrow < 80_000, `${narrow} bytes`);
  assert.equal(wide - narrow, 64_000);
});
