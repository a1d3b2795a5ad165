import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANSWER_MS_MAX,
  CountingServer,
  connectTo,
  readStoredTotals,
  TEST_PREFIX,
} from "../../test/fixtures/counting-server.ts";
import { startRedis } from "../../test/fixtures/redis-server.ts";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import type { StoreConnection } from "./connection.ts";
import { MERGES_PER_SCRIPT_MAX, READS_PER_SCRIPT_MAX, type ScriptRunner } from "./hit-scripts.ts";
import type { InstanceIdentity } from "./instance-identity.ts";

/** Of each call how many entries it merges, and how many it reads. */
function watchSizes(scripts: ScriptRunner): ScriptRunner & { merges: number[]; reads: number[] } {
  const [merges, reads]: [number[], number[]] = [[], []];
  return {
    merges,
    reads,
    async run(script, keys, args, deadlineMs) {
      const reply = await scripts.run(script, keys, args, deadlineMs);
      merges.push(Math.max(0, (args.length - 8) / 2));
      reads.push(Array.isArray(reply) ? (reply.length - 3) / 2 : 0);
      return reply;
    },
  };
}

test("many files go and come in bounded pieces, also into an emptied store [2,500 files]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const connection = await connectTo(t, redis);
  const scripts = watchSizes(connection);
  const servers = [0, 1].map(() => new CountingServer({ scripts, hitFilesMax: 4096 }));
  const [first, second] = servers as [CountingServer, CountingServer];
  for (let file = 0; file < 2500; file++) first.add(`/${file}`, 1 + (file % 3));
  const checkAll = async () => {
    for (let file = 0; file < 2500; file++) assert.equal(second.hitsOf(`/${file}`), 1 + (file % 3));
    const { kept } = await readStoredTotals(connection);
    assert.equal(Object.keys(kept).length, 2500);
  };
  await first.sync.pass();
  await second.sync.pass();
  await checkAll();
  await redis.ask("FLUSHALL");
  await second.sync.pass();
  await checkAll();
  await first.sync.pass();
  await checkAll();
  assert.equal(Math.max(...scripts.merges), MERGES_PER_SCRIPT_MAX);
  assert.equal(Math.max(...scripts.reads), READS_PER_SCRIPT_MAX);
});

test("a server without news asks once a pass, and changes nothing in the store", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const connection = await connectTo(t, redis);
  const scripts = watchSizes(connection);
  const server = new CountingServer({ scripts });
  server.add("/a", 1);
  await server.sync.pass();
  await server.sync.pass();
  const changes = async () =>
    /rdb_changes_since_last_save:(\d+)/.exec(
      String(await connection.command("INFO", ["persistence"], ANSWER_MS_MAX)),
    )?.[1];
  const before = await changes();
  const callCount = scripts.reads.length;
  for (let pass = 0; pass < 5; pass++) await server.sync.pass();
  assert.equal(scripts.reads.length, callCount + 5);
  assert.equal(await changes(), before);
});

test("a name that another process takes is left to it, and every hit is counted once", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const connection = await connectTo(t, redis);
  // As in a machine that was copied while it ran.
  const copiedIdentity = () => {
    let [instance, lastCall] = ["copied", 0];
    const identity: Pick<InstanceIdentity, keyof InstanceIdentity> = {
      get instance() {
        return instance;
      },
      get lastCall() {
        return lastCall;
      },
      noteCall: (call) => {
        lastCall = call;
      },
      renew: () => {
        [instance, lastCall] = [`renewed-${Math.random()}`, 0];
      },
      close: () => {},
    };
    return identity as InstanceIdentity;
  };
  const [first, second] = [copiedIdentity(), copiedIdentity()].map(
    (identity) => new CountingServer({ scripts: connection, identity }),
  ) as [CountingServer, CountingServer];
  first.add("/a", 10);
  await first.sync.pass();
  first.add("/a", 1);
  second.add("/a", 100);
  await second.sync.pass();
  first.add("/a", 1000);
  for (let round = 0; round < 3; round++) {
    await first.sync.pass();
    second.add("/a", 10_000);
    await second.sync.pass();
  }
  await first.sync.pass();
  for (const server of [first, second]) assert.equal(server.hitsOf("/a"), 31_111);
  assert.equal(second.identity.instance, "copied");
  const { kept, summed } = await readStoredTotals(connection);
  assert.deepEqual([kept, summed], [{ "/a": 31_111 }, { "/a": 31_111 }]);
});

test("a name whose counts the store has lost is given up, and what others bring back is kept", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const connection = await connectTo(t, redis);
  const stateDir = makeTempFolder(t);
  const other = new CountingServer({ scripts: connection });
  const before = new CountingServer({ scripts: connection, stateDir });
  before.add("/a", 100);
  await before.sync.pass();
  await other.sync.pass();
  before.kill();
  await redis.ask("FLUSHALL");
  const after = new CountingServer({ scripts: connection, stateDir });
  after.add("/a", 5);
  await after.sync.pass();
  assert.notEqual(after.identity.instance, before.identity.instance);
  await other.sync.pass();
  await after.sync.pass();
  for (const server of [other, after]) assert.equal(server.hitsOf("/a"), 105);
  after.kill();
});

test("as long as the store keeps what it has, there are no more names than state folders [20 starts]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const connection = await connectTo(t, redis);
  const stateDir = makeTempFolder(t);
  for (let start = 0; start < 20; start++) {
    const server = new CountingServer({ scripts: connection, stateDir });
    server.add("/a", 1);
    await server.sync.pass();
    assert.equal(server.hitsOf("/a"), start + 1);
    server.kill();
  }
  assert.equal(await countInstances(connection), 1);
});

async function countInstances(connection: StoreConnection): Promise<number> {
  const reply = await connection.command("HLEN", [`${TEST_PREFIX}hits:instances`], ANSWER_MS_MAX);
  return Number(reply);
}
