import assert from "node:assert/strict";
import { test } from "node:test";
import { TopFiles } from "./top-files.ts";

/** Files with what this process has counted, and the total. */
type Counted = [path: string, counted: number, total: number][];

function watched(files: Counted, filesMax = 3) {
  let nowMs = 1000;
  let costMs = 0;
  const ledger = {
    forEachFile: (visit: (path: string, counted: number, total: number) => void) => {
      for (const file of files) visit(...file);
      nowMs += costMs;
    },
  };
  const top = new TopFiles({ ledger, filesMax, monotonicMs: () => nowMs });
  return {
    look: (afterMs: number, newCostMs = 0) => {
      nowMs += afterMs;
      costMs = newCostMs;
      top.update();
      return {
        now: top.ranking.now.map(({ path, hitsPerSecond }) => `${path} ${hitsPerSecond}`),
        all: top.ranking.all.map(({ path, hits }) => `${path} ${hits}`),
      };
    },
  };
}

test("in all by total, now by what was gained between two looks; the few highest, highest first", () => {
  const files: Counted = [
    ["/a", 1, 100],
    ["/b", 0, 50],
    ["/c", 5, 5],
    ["/d", 7, 70],
  ];
  const { look } = watched(files);
  // Of the time before the first look nobody knows how long it was.
  assert.deepEqual(look(0), { now: [], all: ["/a 100", "/d 70", "/b 50"] });
  files[2]![1] += 8;
  files[2]![2] += 8;
  files[1]![1] += 2;
  files[1]![2] += 2;
  assert.deepEqual(look(2000), {
    now: ["/c 4", "/b 1"],
    all: ["/a 100", "/d 70", "/b 52"],
  });
});

test("a file that appears counts from nothing, whatever others have counted of it before", () => {
  const files: Counted = [["/a", 1, 1]];
  const { look } = watched(files);
  look(0);
  files.push(["/new", 3, 903]);
  assert.deepEqual(look(1000), { now: ["/new 3"], all: ["/new 903", "/a 1"] });
});

test("a long look is followed by a pause of thirty times its length [100 ms]", () => {
  const files: Counted = [["/a", 0, 1]];
  const { look } = watched(files);
  look(0, 100);
  files[0]![1] = 6;
  assert.deepEqual(look(1000).now, [], "still in the pause");
  files[0]![1] = 31;
  assert.equal(look(2100).now.length, 1);
});
