import assert from "node:assert/strict";
import { test } from "node:test";
import { PathFilter } from "./path-filter.ts";

const PATHS_MAX = 4096;

test("a path that was added is held, in every thread's view (4096 paths of any bytes)", () => {
  const memory = new SharedArrayBuffer(PATHS_MAX);
  const [first, second] = [new PathFilter(memory), new PathFilter(memory)];
  const paths = Array.from({ length: PATHS_MAX }, (_, index) => `/ä\xff/${index}`);
  for (const path of paths) first.add(path);
  for (const path of paths) assert.ok(second.mayHold(path));
});

test("of paths that were not added few are held, however full it is (fewer than one in five)", () => {
  const filter = new PathFilter(new SharedArrayBuffer(PATHS_MAX));
  assert.equal(filter.mayHold("/a"), false);
  for (let index = 0; index < PATHS_MAX; index++) filter.add(`/folder/file-${index}.txt`);
  let heldCount = 0;
  for (let index = 0; index < 10_000; index++) {
    if (filter.mayHold(`/folder/other-${index}.txt`)) heldCount++;
  }
  assert.ok(heldCount < 2000, `${heldCount} of 10,000`);
});

test("the smallest memory holds and lacks as well (4 bytes)", () => {
  const filter = new PathFilter(new SharedArrayBuffer(4));
  filter.add("/a");
  assert.ok(filter.mayHold("/a"));
  const others = Array.from({ length: 32 }, (_, index) => filter.mayHold(`/${index}`));
  assert.ok(others.includes(false));
});
