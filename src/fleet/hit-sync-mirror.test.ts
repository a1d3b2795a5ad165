import assert from "node:assert/strict";
import { test } from "node:test";
import { HitMirror } from "./hit-sync.ts";

test("numbers count once, however often and in whatever order they come [3, 5, 3, 5]", () => {
  const mirror = new HitMirror("own");
  const told = [3, 5, 3, 5].map((count) => mirror.learn({ instance: "x", path: "/a", count }));
  assert.deepEqual(told, [true, true, false, false]);
  mirror.learn({ instance: "y", path: "/a", count: 2 });
  mirror.learn({ instance: "own", path: "/a", count: 9 });
  assert.equal(mirror.totalOfOthers("/a"), 7);
  assert.deepEqual([...mirror.ownCounts], [["/a", 9]]);
});

test("what was merged under an old name is another's, and nothing is lost", () => {
  const mirror = new HitMirror("first");
  mirror.learn({ instance: "first", path: "/a", count: 4 });
  mirror.learn({ instance: "x", path: "/a", count: 1 });
  mirror.becomeInstance("second");
  assert.equal(mirror.totalOfOthers("/a"), 5);
  assert.equal(mirror.ownCounts.size, 0);
  assert.deepEqual(
    [...mirror.allCounts()],
    [
      { instance: "first", path: "/a", count: 4 },
      { instance: "x", path: "/a", count: 1 },
    ],
  );
});
