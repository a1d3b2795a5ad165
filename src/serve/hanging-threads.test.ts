import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { beatsWord, createSharedMemory } from "../memory/memory-layout.ts";
import { ThreadWatch } from "./hanging-threads.ts";

interface Watched {
  readonly watch: ThreadWatch;
  readonly warnings: string[];
  ready: number[];
  beat(threadIndex: number): void;
  /** Lets so many looks pass. */
  look(times: number): void;
}

function watchThreads(t: TestContext, ...ready: number[]): Watched {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { control } = createSharedMemory({ hashSecret: new Uint8Array(32), cellCount: 0 });
  const words = new Int32Array(control);
  const warnings: string[] = [];
  const watched: Watched = {
    watch: new ThreadWatch({
      control,
      readyThreads: () => watched.ready,
      warn: (line) => warnings.push(line),
    }),
    warnings,
    ready,
    beat: (threadIndex) => void words[beatsWord(threadIndex)]!++,
    look: (times) => t.mock.timers.tick(500 * times),
  };
  t.after(() => watched.watch.stop());
  return watched;
}

test("a thread that beats moves; one that stands still for more than 2.5 s hangs, is told of once, and its delay grows", (t) => {
  const watched = watchThreads(t, 1, 2);
  for (let looks = 0; looks < 5; looks++) {
    watched.beat(1);
    watched.look(1);
  }
  assert.deepEqual([...watched.watch.hangingThreads], []);
  assert.equal(watched.watch.stillMs(2), 2000);
  for (let looks = 0; looks < 4; looks++) {
    watched.beat(1);
    watched.look(1);
  }
  assert.deepEqual([...watched.watch.hangingThreads], [2]);
  assert.deepEqual([watched.watch.stillMs(1), watched.watch.stillMs(2)], [0, 4000]);
  assert.equal(watched.warnings.length, 1);
  assert.match(watched.warnings[0]!, /^server thread 2 has not moved for 3 s/);
  watched.beat(2);
  watched.look(1);
  assert.deepEqual([...watched.watch.hangingThreads], []);
  assert.match(watched.warnings[1]!, /^server thread 2 moves again$/);
});

test("a thread that is not ready is not watched, and its successor starts from nothing", (t) => {
  const watched = watchThreads(t, 1);
  watched.look(4);
  watched.ready = [];
  watched.look(10);
  assert.equal(watched.watch.stillMs(1), 0);
  watched.ready = [1];
  watched.look(4);
  assert.deepEqual([...watched.watch.hangingThreads], []);
});

test("mounts that hang are named once, whichever threads say so, and once more when they answer again", (t) => {
  const { watch, warnings } = watchThreads(t, 1, 2);
  watch.mountsHang(1, ["/srv/disk"]);
  watch.mountsHang(2, ["/srv/disk", "/srv/other"]);
  assert.deepEqual([...watch.hangingMounts], ["/srv/disk", "/srv/other"]);
  watch.mountsHang(1, []);
  watch.mountsHang(2, ["/srv/disk"]);
  watch.forgetThread(2);
  assert.deepEqual([...watch.hangingMounts], []);
  assert.deepEqual(warnings, [
    '"/srv/disk" does not answer; requests for its files get 503 until it does',
    '"/srv/other" does not answer; requests for its files get 503 until it does',
    '"/srv/other" answers again',
  ]);
});
