// What is promised of hits wherever they are kept, as cases that every place has to pass: an SQLite file
// of a state folder, a store that servers share. Run by hit-counter.test.ts and hit-counter.full.test.ts.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

/** A server's part in the hits, without its sockets. */
export interface CountedServer {
  add(path: string, hits: number): void;
  hitsOf(path: string): number;
  /** Saves what was counted last, and ends. */
  stop(): Promise<void>;
  /** Ends without saving anything more. */
  kill(): void;
}

export interface HitPlace {
  /** A server that begins with what is kept. */
  start(): Promise<CountedServer>;
  /** What is kept is lost, while servers run. */
  lose(): Promise<void>;
  /** Lines for the person who runs the servers, of all of them. */
  readonly warnings: readonly string[];
}

/** undefined after `t.skip`. */
export type MakePlace = (t: TestContext) => Promise<HitPlace | undefined>;

const PATHS = ["/a", "/", "/a,b", '/"quoted"', "/two\nlines", "/caf\xe9", "/%41", "/a:b"];
/** Only ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;
/** Two passes and some. */
const UNSEEN_MS = 1300;

async function allShow(
  servers: readonly CountedServer[],
  path: string,
  hits: number,
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  const shown = () => servers.map((server) => server.hitsOf(path));
  while (shown().some((each) => each !== hits)) {
    assert.ok(performance.now() < deadlineMs, `${path} has ${hits} hits, and ${shown()} are shown`);
    await sleep(20);
  }
}

const CASES: readonly [name: string, run: (place: HitPlace) => Promise<void>][] = [
  [
    "what was counted is shown at once, and by the next server too, for names of every kind",
    async (place) => {
      const server = await place.start();
      PATHS.forEach((path, index) => {
        server.add(path, index + 1);
        assert.equal(server.hitsOf(path), index + 1);
      });
      await server.stop();
      const next = await place.start();
      for (const [index, path] of PATHS.entries()) assert.equal(next.hitsOf(path), index + 1, path);
      next.add("/a", 1);
      assert.equal(next.hitsOf("/a"), 2);
      await next.stop();
      assert.deepEqual(place.warnings, []);
    },
  ],
  [
    "a server that is started often goes on counting where it was [20 times]",
    async (place) => {
      for (let round = 0; round < 20; round++) {
        const server = await place.start();
        assert.equal(server.hitsOf("/a"), 3 * round);
        server.add("/a", 3);
        await server.stop();
      }
      assert.deepEqual(place.warnings, []);
    },
  ],
  [
    "two servers show the sum of both, and all of it is kept",
    async (place) => {
      const servers = [await place.start(), await place.start()] as const;
      for (let round = 1; round <= 3; round++) {
        servers[0].add("/a", 3);
        servers[1].add("/a", 5);
        servers[1].add("/a,b", 1);
        await allShow(servers, "/a", 8 * round);
        await allShow(servers, "/a,b", round);
      }
      for (const server of servers) server.add("/a", 1);
      for (const server of servers) await server.stop();
      const next = await place.start();
      assert.equal(next.hitsOf("/a"), 26);
      await next.stop();
      assert.deepEqual(place.warnings, []);
    },
  ],
  [
    "a killed server loses what was not saved at most, and the others nothing",
    async (place) => {
      const [killed, other] = [await place.start(), await place.start()];
      killed.add("/a", 40);
      other.add("/a", 2);
      await allShow([killed, other], "/a", 42);
      killed.add("/a", 8);
      killed.kill();
      const next = await place.start();
      assert.ok([42, 50].includes(next.hitsOf("/a")), `${next.hitsOf("/a")} of 50`);
      const kept = next.hitsOf("/a");
      next.add("/a", 1);
      await allShow([other, next], "/a", kept + 1);
      for (const server of [other, next]) await server.stop();
      assert.deepEqual(place.warnings, []);
    },
  ],
  [
    "what is lost where it is kept is there again, by a server that knows it",
    async (place) => {
      const before = await place.start();
      before.add("/a", 100);
      // More than a few pages of a file, so that the loss of most is noticed.
      for (let file = 0; file < 5000; file++) before.add(`/${file}`, 7);
      await before.stop();
      const server = await place.start();
      server.add("/a", 11);
      await allShow([server], "/a", 111);
      await place.lose();
      server.add("/a", 2);
      await sleep(UNSEEN_MS);
      assert.equal(server.hitsOf("/a"), 113);
      await server.stop();
      const next = await place.start();
      assert.equal(next.hitsOf("/a"), 113);
      for (const path of ["/0", "/2500", "/4999"]) assert.equal(next.hitsOf(path), 7);
      await next.stop();
    },
  ],
];

export function testHitPlace(name: string, makePlace: MakePlace): void {
  for (const [what, run] of CASES) {
    test(`${name}: ${what}`, async (t) => {
      const place = await makePlace(t);
      if (place !== undefined) await run(place);
    });
  }
}
