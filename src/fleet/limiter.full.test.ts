// What the contract of limiters (test/contract) does not see: what is asked of the store, and what
// becomes of requests that come while an answer is on its way. The store is real, and paused meanwhile.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type RedisServer, startRedis } from "../../test/fixtures/redis-server.ts";
import { systemClock } from "../base/clock.ts";
import { SharedLimiter } from "../limit/limiter.ts";
import { type Admission, windowShape } from "../limit/sliding-window.ts";
import { createSharedMemory } from "../memory/memory-layout.ts";
import { hashKey } from "../memory/shared-table.ts";
import { StoreConnection } from "./connection.ts";
import { LIMIT_SCRIPT } from "./limit-script.ts";
import { FleetLimiter, type FleetLimiterOptions } from "./limiter.ts";

const WAIT_MS_MAX = 60_000;
const WINDOW_MS = 60_000;
const SECRET = randomBytes(32);

interface Scene {
  readonly store: RedisServer;
  /** Asks so many times for the client, in one turn; "a" by default. */
  ask(times: number, name?: string): Promise<Admission>[];
  /** Commands that were sent. */
  commandCount(): number;
}

async function prepare(
  t: TestContext,
  count: number,
  own: { whenDown?: FleetLimiterOptions["whenDown"]; fails?: boolean } = {},
): Promise<Scene | undefined> {
  const store = await startRedis(t);
  if (store === undefined) return undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const address = {
    ...{ host: "127.0.0.1", port: store.port, isEncrypted: false, database: 0, prefix: "" },
    ...{ user: undefined, password: undefined },
  };
  const scripts = [LIMIT_SCRIPT];
  const connection = await StoreConnection.open({ address, scripts, onReady: resolve });
  t.after(() => connection.close());
  await ready;
  const shape = windowShape(count, WINDOW_MS);
  const { cellCount } = shape;
  const memory = createSharedMemory({ hashSecret: SECRET, cellCount, hitFilesMax: 8 });
  let commands = 0;
  let isUp = true;
  const limiter = new FleetLimiter({
    link: {
      get isUp() {
        return isUp;
      },
      async run(script, keys, args) {
        commands++;
        try {
          return await connection.run(script, keys, args, own.fails ? 20 : WAIT_MS_MAX);
        } catch (error) {
          isUp = false;
          throw error;
        }
      },
    },
    local: new SharedLimiter(memory, shape, 1),
    shape,
    prefix: "",
    whenDown: own.whenDown ?? "local",
    clock: systemClock,
  });
  return {
    store,
    ask: (times, name = "a") => {
      const client = hashKey(SECRET, name);
      limiter.nameClient(client, name);
      return Array.from({ length: times }, async () =>
        limiter.admit(client, systemClock.monotonicMs()),
      );
    },
    commandCount: () => commands,
  };
}

async function outcomes(answers: readonly Promise<Admission>[]): Promise<string> {
  return (await Promise.all(answers)).map(({ kind }) => (kind === "admitted" ? "+" : "-")).join("");
}

/** Until what was asked has left for the store. */
async function leave(scene: Scene, commandCount: number): Promise<void> {
  while (scene.commandCount() < commandCount) await nextTurn();
}

test("requests of one turn are one command, and its answer decides those that come meanwhile [2]", async (t) => {
  const scene = await prepare(t, 2);
  if (scene === undefined) return;
  scene.store.pause();
  const first = scene.ask(3);
  await leave(scene, 1);
  const later = scene.ask(4);
  scene.store.resume();
  assert.equal(await outcomes([...first, ...later]), "++-----");
  assert.equal(await outcomes(scene.ask(5)), "-----");
  assert.equal(scene.commandCount(), 1);
});

test("clients of one turn are one command, each with a window of its own [2; 3 of a, 1 of b, 2 of c]", async (t) => {
  const scene = await prepare(t, 2);
  if (scene === undefined) return;
  const answers = [...scene.ask(3, "a"), ...scene.ask(1, "b"), ...scene.ask(2, "c")];
  assert.equal(await outcomes(answers), "++-+++");
  assert.equal(scene.commandCount(), 1);
  assert.equal(await outcomes([...scene.ask(1, "b"), ...scene.ask(1, "c")]), "+-");
});

test("many clients of one turn are a few commands [130, 64 each]", async (t) => {
  const scene = await prepare(t, 1);
  if (scene === undefined) return;
  const answers = Array.from({ length: 130 }, (_, index) => scene.ask(2, `c${index}`)).flat();
  assert.equal(await outcomes(answers), "+-".repeat(130));
  assert.equal(scene.commandCount(), 3);
});

test("those that come meanwhile are asked for together when there is room [5]", async (t) => {
  const scene = await prepare(t, 5);
  if (scene === undefined) return;
  scene.store.pause();
  const first = scene.ask(3);
  await leave(scene, 1);
  const later = scene.ask(4);
  scene.store.resume();
  assert.equal(await outcomes([...first, ...later]), "+++++--");
  assert.equal(scene.commandCount(), 2);
});

const WHEN_DOWN: readonly [FleetLimiterOptions["whenDown"], string][] = [
  ["local", "++---"],
  ["open", "+++++"],
  ["closed", "-----"],
];

for (const [whenDown, expected] of WHEN_DOWN) {
  test(`a store that hangs decides nobody: all that wait are told together [${whenDown}]`, async (t) => {
    const scene = await prepare(t, 2, { whenDown, fails: true });
    if (scene === undefined) return;
    scene.store.pause();
    const first = scene.ask(3);
    await leave(scene, 1);
    const later = scene.ask(2);
    assert.equal(await outcomes([...first, ...later]), expected);
    assert.equal(scene.commandCount(), 1);
  });
}

test("a client without a name is a defect, and not a limit of its own", () => {
  const limiter = new FleetLimiter({
    link: { isUp: true, run: () => Promise.reject(new Error("nobody asks")) },
    local: new SharedLimiter(
      createSharedMemory({ hashSecret: SECRET, cellCount: 2, hitFilesMax: 8 }),
      windowShape(2, WINDOW_MS),
      1,
    ),
    shape: windowShape(2, WINDOW_MS),
    prefix: "",
    whenDown: "local",
    clock: systemClock,
  });
  assert.throws(() => limiter.admit(hashKey(SECRET, "nobody"), 0), /a client has a name/);
});
