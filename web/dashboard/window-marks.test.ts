import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatMarkPath,
  mergeAdmissions,
  ServerClock,
  shiftPercent,
  TRACK_DELAY_MS,
} from "./window-marks.ts";

test("a snapshot's admissions are placed in time, the oldest first", () => {
  assert.deepEqual(mergeAdmissions([], [10, 400, 900], 5000, 1000, 1100), [4100, 4600, 4990]);
});

test("what has left the window stays until its picture has left the track", () => {
  // The track shows 1.1 s ago: at 5 s it begins at 2.9 s.
  assert.deepEqual(
    mergeAdmissions([2800, 2950, 3900], [500], 5000, 1000, 1100),
    [2950, 3900, 4500],
  );
});

test("what the snapshot tells again is not there twice", () => {
  const held = mergeAdmissions([], [100, 2000], 5000, 3000, 1100);
  assert.deepEqual(mergeAdmissions(held, [1100], 6000, 3000, 1100), [3000, 4900]);
});

test("a track that stands still keeps nothing that has left [no delay]", () => {
  assert.deepEqual(mergeAdmissions([3900], [500], 5000, 1000, 0), [4500]);
});

test("an age of a whole window has left it", () => {
  assert.deepEqual(mergeAdmissions([], [1000], 5000, 1000, 0), []);
});

test("a mark stands where its age is: now at the right, a window ago at the left", () => {
  assert.equal(formatMarkPath([4000, 4500, 5000], 5000, 1000), "M0.0 0V10M500.0 0V10M1000.0 0V10");
  assert.equal(formatMarkPath([], 5000, 1000), "");
});

test("a mark crosses the track in exactly a window", () => {
  const admittedMs = 4700;
  const anchorMs = 5000;
  const placeAt = (shownMs: number): number => {
    const units = Number(/M([\d.]+) /.exec(formatMarkPath([admittedMs], anchorMs, 1000))?.[1]);
    return units / 10 + shiftPercent(shownMs, anchorMs, 1000);
  };
  assert.equal(placeAt(admittedMs), 100);
  assert.equal(placeAt(admittedMs + 500), 50);
  assert.equal(placeAt(admittedMs + 1000), 0);
});

test("at any moment the track has the admissions of the window that ends then [5/s]", () => {
  // The limit's own schedule: five at once, as soon as the five before have left.
  const admissions = Array.from(
    { length: 40 },
    (_, index) => 10_000 + Math.floor(index / 5) * 1000,
  );
  let held: number[] = [];
  for (let snapshotMs = 11_003; snapshotMs < 18_000; snapshotMs += 1000) {
    const ages = admissions
      .filter((time) => time <= snapshotMs && time > snapshotMs - 1000)
      .map((time) => snapshotMs - time);
    held = mergeAdmissions(held, ages, snapshotMs, 1000, TRACK_DELAY_MS);
    for (let lateMs = TRACK_DELAY_MS; lateMs >= 0; lateMs -= 50) {
      const shownMs = snapshotMs - lateMs;
      const seen = held.filter((time) => time <= shownMs && time > shownMs - 1000);
      // The track does not know what had left the window before its first snapshot.
      if (snapshotMs > 13_000) assert.equal(seen.length, 5, `at ${shownMs} ms`);
      else assert.ok(seen.length <= 5, `at ${shownMs} ms`);
    }
  }
});

test("the tracks' clock runs with the page's, so much late", () => {
  const clock = new ServerClock();
  clock.note(1_000_000, 500);
  assert.equal(clock.shownMs(500), 1_000_000 - TRACK_DELAY_MS);
  assert.equal(clock.shownMs(900), 1_000_400 - TRACK_DELAY_MS);
});

test("the tracks' clock stops at what is known when nothing comes any more", () => {
  const clock = new ServerClock();
  clock.note(1_000_000, 500);
  assert.equal(clock.shownMs(60_000), 1_000_000);
});

test("a snapshot that arrives late moves the clock a little, not at once [50 ms late]", () => {
  const clock = new ServerClock();
  clock.note(1_000_000, 500);
  clock.note(1_001_000, 1550);
  assert.equal(clock.shownMs(1550), 1_001_045 - TRACK_DELAY_MS);
});

test("after a pause of the server's clock or the page's the tracks start anew [10 s]", () => {
  const clock = new ServerClock();
  clock.note(1_000_000, 500);
  clock.note(1_020_000, 10_500);
  assert.equal(clock.shownMs(10_500), 1_020_000 - TRACK_DELAY_MS);
});
