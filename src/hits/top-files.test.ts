import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { countOperations } from "../../test/fixtures/crash-point.ts";
import { createSharedMemory } from "../shared-memory/memory-layout.ts";
import { SharedHitCounter } from "./hit-counter.ts";
import { type CountedFile, HitLedger } from "./hit-ledger.ts";
import { TopFiles } from "./top-files.ts";

/** Files with what this process has counted, and the total. */
type Counted = [path: string, counted: number, total: number][];

/** A ledger of those files, which all have changed whenever it is asked. */
function watched(files: Counted, filesMax = 3) {
  let nowMs = 1000;
  let costMs = 0;
  const known: CountedFile[] = [];
  const ledger = {
    get files() {
      while (known.length < files.length) {
        known.push({ path: files[known.length]![0], index: known.length });
      }
      return known;
    },
    follow: () => ({
      take: () => {
        nowMs += costMs;
        return [...ledger.files];
      },
    }),
    countedOf: ({ index }: CountedFile) => files[index]![1],
    totalOf: ({ index }: CountedFile) => files[index]![2],
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

test("a total that falls lets in a file that was too low before [20 to 2, 3 of 5 files]", () => {
  const files: Counted = [30, 20, 10, 9, 8].map((total, index) => [`/${index}`, 0, total]);
  const { look } = watched(files);
  assert.deepEqual(look(0).all, ["/0 30", "/1 20", "/2 10"]);
  files[1]![2] = 2;
  assert.deepEqual(look(1000).all, ["/0 30", "/2 10", "/3 9"]);
  for (const file of files) file[2] = 0;
  assert.deepEqual(look(1000).all, []);
});

test("with changes alone the ranking is that of all files [random hits on 200 files]", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  let state = seed;
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const memory = createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount: 0,
    hitFilesMax: 256,
  });
  const [counter, ledger] = [new SharedHitCounter(memory, 1), new HitLedger(memory)];
  let nowMs = 0;
  const top = new TopFiles({ ledger, filesMax: 5, monotonicMs: () => nowMs });
  const hits = new Map<string, number>();
  for (let look = 0; look < 300; look++) {
    for (let hit = below(10); hit > 0; hit--) {
      const path = `/${below(1 + below(200))}`;
      counter.add(path);
      hits.set(path, (hits.get(path) ?? 0) + 1);
    }
    nowMs += 1000;
    top.update();
    const highest = [...hits.values()].toSorted((a, b) => b - a).slice(0, 5);
    const shown = top.ranking.all.map((file) => file.hits);
    assert.deepEqual(shown, highest, `seed ${seed}, look ${look}`);
    for (const { path, hits: shownHits } of top.ranking.all) {
      assert.equal(shownHits, hits.get(path), `seed ${seed}, look ${look}: ${path}`);
    }
  }
});

test("a look without changes reads no file, and one with 3 changes reads 3 [100,000 files]", async () => {
  const memory = createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount: 0,
    hitFilesMax: 1 << 17,
  });
  const [counter, ledger] = [new SharedHitCounter(memory, 1), new HitLedger(memory)];
  for (let file = 0; file < 100_000; file++) counter.add(`/${file}`);
  let nowMs = 0;
  const top = new TopFiles({ ledger, filesMax: 10, monotonicMs: () => nowMs });
  const look = () => {
    nowMs += 1000;
    return countOperations(() => top.update());
  };
  assert.ok((await look()) >= 100_000);
  assert.ok((await look()) <= 20);
  for (const file of [7, 70_000, 99_999]) counter.add(`/${file}`);
  assert.ok((await look()) <= 60);
  assert.equal(top.ranking.now.length, 3);
});
