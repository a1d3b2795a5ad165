// Servers that share a store, under everything that can happen to their way there and to the store
// itself: calls that never arrive, answers that are lost, calls that arrive late, servers that
// are started anew, a store that is emptied or set back. In the end everybody has to show every hit, once.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { StoreConnection } from "../../src/fleet/connection.ts";
import type { ScriptRunner } from "../../src/fleet/hit-scripts.ts";
import {
  ANSWER_MS_MAX,
  CountingServer,
  connectTo,
  readStoredTotals,
} from "../fixtures/counting-server.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "./random-numbers.ts";

const CASE_COUNT = 60;
const STEPS_MAX = 120;
const SERVER_COUNT = 3;
const PATHS = ["/a", "/b,%", "/c\xff"];
const PASSES_MAX = 1000;

const SAVE_COPY = `
for _, key in ipairs(redis.call('KEYS', 'test:*')) do redis.call('COPY', key, 'copy:' .. key, 'REPLACE') end
return 1`;
const SET_BACK = `
for _, key in ipairs(redis.call('KEYS', 'test:*')) do redis.call('DEL', key) end
for _, key in ipairs(redis.call('KEYS', 'copy:*')) do redis.call('COPY', key, string.sub(key, 6), 'REPLACE') end
return 1`;

type Call = Parameters<StoreConnection["run"]>;

/** One server's way to the store, on which calls get lost, in either direction, and some arrive later. */
class BadWay implements ScriptRunner {
  isGood = false;
  readonly #connection: StoreConnection;
  readonly #random: RandomNumbers;
  readonly #late: Call[] = [];

  constructor(connection: StoreConnection, random: RandomNumbers) {
    this.#connection = connection;
    this.#random = random;
  }

  async run(...call: Call): Promise<unknown> {
    const luck = this.isGood ? 99 : this.#random.below(100);
    if (luck < 10) throw new Error("it did not arrive");
    if (luck < 20) {
      this.#late.push(call);
      throw new Error("it does not arrive yet");
    }
    const reply = await this.#connection.run(...call);
    if (luck < 35) throw new Error("its answer was lost");
    return reply;
  }

  async deliverOne(): Promise<void> {
    const [call] = this.#late.splice(this.#random.below(Math.max(1, this.#late.length)), 1);
    if (call !== undefined) await this.#connection.run(...call);
  }
}

class Fleet {
  readonly #connection: StoreConnection;
  readonly #random: RandomNumbers;
  readonly #ways: BadWay[] = [];
  /** What servers that have been killed had sent may still arrive. */
  #waysOfDead: BadWay[] = [];
  readonly #stateDirs: readonly (string | undefined)[];
  readonly #servers: CountingServer[];
  readonly #expected = new Map(PATHS.map((path) => [path, 0]));

  constructor(t: TestContext, connection: StoreConnection, random: RandomNumbers) {
    this.#connection = connection;
    this.#random = random;
    // The last one keeps nothing.
    this.#stateDirs = Array.from({ length: SERVER_COUNT }, (_, index) =>
      index < SERVER_COUNT - 1 ? makeTempFolder(t) : undefined,
    );
    this.#servers = this.#stateDirs.map((_, index) => this.#newServer(index));
  }

  async step(): Promise<void> {
    const luck = this.#random.below(100);
    const index = this.#random.below(SERVER_COUNT);
    const server = this.#servers[index]!;
    if (luck < 35) this.#count(server);
    else if (luck < 75) await server.sync.pass().catch(() => {});
    else if (luck < 83) await this.#random.oneOf([...this.#ways, ...this.#waysOfDead]).deliverOne();
    else if (luck < 89) await this.#startAnew(index);
    else if (luck < 92) await this.#lose("FLUSHDB", []);
    else if (luck < 96) await this.#connection.command("EVAL", [SAVE_COPY, 0], ANSWER_MS_MAX);
    else await this.#lose("EVAL", [SET_BACK, 0]);
  }

  async end(): Promise<void> {
    for (const way of this.#ways) way.isGood = true;
    for (let round = 0; round < 3; round++) {
      for (const server of this.#servers) await server.sync.pass();
    }
    const expected = Object.fromEntries(this.#expected);
    for (const server of this.#servers) {
      const shown = Object.fromEntries(PATHS.map((path) => [path, server.hitsOf(path)]));
      assert.deepEqual(shown, expected);
      assert.equal(server.sync.countUnsaved(), 0);
      server.kill();
    }
    const { kept, summed } = await readStoredTotals(this.#connection);
    const sum = (totals: object) => Object.values(totals).reduce((all, hits) => all + hits, 0);
    assert.deepEqual(kept, summed);
    assert.equal(sum(kept), sum(expected));
  }

  #count(server: CountingServer): void {
    const path = this.#random.oneOf(PATHS);
    const hits = 1 + this.#random.below(9);
    server.add(path, hits);
    this.#expected.set(path, (this.#expected.get(path) ?? 0) + hits);
  }

  /** A store that starts anew reads nothing that was sent to it before by who is gone by now. */
  async #lose(command: string, args: readonly (string | number)[]): Promise<void> {
    await this.#connection.command(command, args, ANSWER_MS_MAX);
    this.#waysOfDead = [];
  }

  /** All has been merged, and all others know it: what a server alone knows dies with it. */
  async #startAnew(index: number): Promise<void> {
    const server = this.#servers[index]!;
    await passAtLast(server);
    for (const other of this.#servers) if (other !== server) await passAtLast(other);
    server.kill();
    this.#waysOfDead.push(this.#ways[index]!);
    this.#servers[index] = this.#newServer(index);
  }

  #newServer(index: number): CountingServer {
    const way = new BadWay(this.#connection, this.#random);
    this.#ways[index] = way;
    return new CountingServer({ scripts: way, stateDir: this.#stateDirs[index] });
  }
}

async function passAtLast(server: CountingServer): Promise<void> {
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const isDone = await server.sync.pass().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  assert.fail("no pass of a thousand was good");
}

test("whatever happens on the way and to the store, every hit is shown by everybody, once", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const seed = chooseSeed(process.env);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed}`);
  const caseCount = chooseCaseCount(process.env, CASE_COUNT);
  const connection = await connectTo(t, redis);
  for (let index = 0; index < caseCount; index++) {
    const random = new RandomNumbers(seed + index);
    await connection.command("FLUSHDB", [], ANSWER_MS_MAX);
    const fleet = new Fleet(t, connection, random);
    const steps = 1 + random.below(STEPS_MAX);
    try {
      for (let step = 0; step < steps; step++) await fleet.step();
      await fleet.end();
    } catch (error) {
      const again = `WEIR_FUZZ_SEED=${seed + index} WEIR_FUZZ_CASES=1`;
      throw new Error(`${again}: ${(error as Error).message}`, { cause: error });
    }
  }
});
