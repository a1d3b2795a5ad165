import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  countOperations,
  forEachCrashPoint,
  isMetBefore,
} from "../../test/fixtures/crash-point.ts";
import { createSharedMemory } from "../shared-memory/memory-layout.ts";
import { ChangeList } from "./change-list.ts";
import { SharedHitCounter } from "./hit-counter.ts";
import { HitLedger } from "./hit-ledger.ts";

/** Two server threads, a main thread, and what that has saved. */
class Scene {
  readonly memory = createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount: 0,
    hitFilesMax: 16,
  });
  readonly first = new SharedHitCounter(this.memory, 1);
  readonly second = new SharedHitCounter(this.memory, 2);
  readonly ledger = new HitLedger(this.memory);
  readonly saved = new Map<string, number>();

  /** Both files have been counted once, and nothing has changed since. */
  constructor() {
    this.first.add("/a");
    this.second.add("/b");
    this.save();
  }

  save(): void {
    for (const { path, gained } of this.ledger.readGains()) {
      const total = (this.saved.get(path) ?? 0) + gained;
      this.saved.set(path, total);
      this.ledger.markSaved(path, gained, total);
    }
  }

  checkAllSaved(where: string): void {
    for (const path of ["/a", "/b"]) {
      assert.equal(this.saved.get(path), this.second.hitsOf(path), `${path}, ${where}`);
    }
  }
}

test("a slot is listed once until it is taken, the oldest first [3 slots, 2 threads]", () => {
  const { memory, first } = new Scene();
  const slots = ["/a", "/b", "/c"].map((path) => first.enter(path)!);
  const [a, b, c] = slots as [number, number, number];
  const [one, two] = [1, 2].map((index) => new ChangeList(memory, first.table, index)) as [
    ChangeList,
    ChangeList,
  ];
  const main = new ChangeList(memory, first.table, 0);
  assert.deepEqual(main.take(), []);
  for (let round = 0; round < 2; round++) {
    for (const slot of [b, a, b]) one.add(slot);
    for (const slot of [a, c, c, b]) two.add(slot);
    assert.deepEqual(main.take(), [b, a, c]);
    assert.deepEqual(main.take(), []);
  }
});

/** What another thread counts meanwhile, and at how many points a hit can end at least. */
const MEANWHILE: readonly [name: string, paths: readonly string[], pointCountMin: number][] = [
  ["nothing", [], 6],
  ["another file", ["/b"], 6],
  // It is listed by then: the hit ends with the look at its mark.
  ["the same file", ["/a"], 2],
  ["both", ["/b", "/a"], 2],
];

for (const [meanwhile, paths, pointCountMin] of MEANWHILE) {
  test(`a thread dies at any point of a hit, and another counts ${meanwhile}: every hit is saved once`, async () => {
    const settled: Scene[] = [];
    const pointCount = forEachCrashPoint(() => {
      const scene = new Scene();
      for (const path of paths) scene.second.add(path);
      return {
        act: () => scene.first.add("/a"),
        check: (operationIndex) => {
          const where = `died before operation ${operationIndex}`;
          for (const path of paths) scene.second.add(path);
          // The main thread may look before it hears of the death.
          scene.save();
          scene.ledger.threadDied(1);
          scene.save();
          scene.checkAllSaved(where);
          // The list works as before, for other threads and for the successor.
          scene.second.add("/a");
          new SharedHitCounter(scene.memory, 1).add("/b");
          scene.save();
          scene.checkAllSaved(`${where}, afterwards`);
          settled.push(scene);
        },
      };
    });
    assert.ok(pointCount >= pointCountMin, `${pointCount} points`);
    // Nothing is left in the list, and the list is no ring.
    for (const scene of settled) assert.ok((await countOperations(() => scene.save())) < 5);
  });
}

test("something happens between any two operations of a hit: it is saved by the next look", () => {
  const events: readonly [name: string, happen: (scene: Scene) => void][] = [
    ["a look", (scene) => scene.save()],
    ["a hit of the same file", (scene) => scene.second.add("/a")],
    ["a hit of another file", (scene) => scene.second.add("/b")],
    [
      "a hit, a look and a hit",
      (scene) => {
        scene.second.add("/a");
        scene.save();
        scene.second.add("/a");
      },
    ],
  ];
  for (const [name, happen] of events) {
    for (let operationIndex = 0, isMet = true; isMet; operationIndex++) {
      const scene = new Scene();
      isMet = isMetBefore(
        operationIndex,
        () => scene.first.add("/a"),
        () => happen(scene),
      );
      scene.save();
      scene.checkAllSaved(`${name} before operation ${operationIndex}`);
    }
  }
});

test("a hit comes between any two operations of a look: it is saved by the next one", () => {
  for (const hits of [["/a"], ["/b"], ["/a", "/b"], ["/a", "/a"]]) {
    for (let operationIndex = 0, isMet = true; isMet; operationIndex++) {
      const scene = new Scene();
      scene.first.add("/a");
      scene.first.add("/b");
      isMet = isMetBefore(
        operationIndex,
        () => scene.save(),
        () => {
          for (const path of hits) scene.second.add(path);
        },
      );
      scene.save();
      scene.checkAllSaved(`${hits} before operation ${operationIndex}`);
    }
  }
});
