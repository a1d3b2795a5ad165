import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { prepareRedis, type RedisServer, startRedis } from "../../test/fixtures/redis-server.ts";
import { defineScript, type StoreAddress, StoreConnection } from "./store-connection.ts";
import { StoreError } from "./store-error.ts";

const WAIT_MS_MAX = 60_000;
const COUNTING = defineScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

function addressOf(server: RedisServer, own: Partial<StoreAddress> = {}): StoreAddress {
  return {
    host: "127.0.0.1",
    port: server.port,
    isEncrypted: false,
    user: undefined,
    password: undefined,
    database: 0,
    prefix: "test:",
    ...own,
  };
}

/** A connection whose states come one after the other: "ready", or what was wrong. */
async function watch(t: TestContext, address: StoreAddress) {
  const states: string[] = [];
  let wake = () => {};
  const tell = (state: string) => {
    states.push(state);
    wake();
  };
  const connection = await StoreConnection.open({
    address,
    scripts: [COUNTING],
    onReady: () => tell("ready"),
    onLost: (error) => tell(error.message),
  });
  t.after(() => connection.close());
  const nextState = async (wanted: string | RegExp): Promise<void> => {
    const isWanted = (state: string) =>
      typeof wanted === "string" ? state === wanted : wanted.test(state);
    const deadline = AbortSignal.timeout(WAIT_MS_MAX);
    for (;;) {
      const at = states.findIndex(isWanted);
      if (at >= 0) {
        states.splice(0, at + 1);
        return;
      }
      assert.ok(!deadline.aborted, `never came to ${wanted}: ${states.join(", ")}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        deadline.addEventListener("abort", () => resolve());
      });
    }
  };
  return { connection, nextState };
}

function failsWith(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof StoreError && words.test(error.message);
}

test("commands and scripts of one turn are answered, each with its own reply", async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server, { database: 3 }));
  await nextState("ready");
  const replies = await Promise.all([
    connection.command("SET", ["a", "1"]),
    connection.run(COUNTING, ["a"], [2]),
    connection.run(COUNTING, ["a"], [3]),
    connection.command("GET", ["a"]),
    connection.command("DBSIZE", []),
  ]);
  assert.deepEqual(replies, ["OK", 3, 6, "6", 1]);
  assert.match(await server.ask("DBSIZE"), /^:0/);
});

test("scripts that the store has forgotten are loaded again [SCRIPT FLUSH]", async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("ready");
  assert.equal(await connection.run(COUNTING, ["a"], [1]), 1);
  await server.ask("SCRIPT FLUSH");
  const runs = [1, 1, 1].map((step) => connection.run(COUNTING, ["a"], [step]));
  assert.deepEqual(await Promise.all(runs), [2, 3, 4]);
});

test("a store that is not there refuses at once, and is found when it starts", async (t) => {
  const server = await prepareRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("connection refused");
  await assert.rejects(connection.command("PING", []), failsWith(/connection refused/));
  await server.start();
  await nextState("ready");
  assert.equal(await connection.command("PING", []), "PONG");
});

test("a store that is killed fails what waits, and is found again, empty", async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("ready");
  await connection.run(COUNTING, ["a"], [5]);
  server.pause();
  const waiting = assert.rejects(
    connection.command("PING", [], WAIT_MS_MAX),
    failsWith(/closed the connection/),
  );
  await server.kill9();
  await waiting;
  await server.start();
  await nextState("ready");
  assert.equal(await connection.run(COUNTING, ["a"], [1]), 1);
});

test("a store that hangs fails a command after its deadline, then the connection", async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("ready");
  server.pause();
  await assert.rejects(connection.command("PING", []), failsWith(/does not answer/));
  await nextState("it does not answer");
  server.resume();
  await nextState("ready");
  assert.equal(await connection.command("PING", []), "PONG");
});

const LOGINS: readonly [
  name: string,
  options: readonly string[],
  own: Partial<StoreAddress>,
  state: string | RegExp,
][] = [
  ["a password", ["--requirepass", "right"], { password: "right" }, "ready"],
  ["no password", ["--requirepass", "right"], {}, /wants a password/],
  ["the wrong password", ["--requirepass", "right"], { password: "wrong" }, /does not take/],
  ["a password that nobody wants", [], { password: "right" }, "ready"],
  ["a user", ["--user", "me", "on", ">pw", "~*", "+@all"], { user: "me", password: "pw" }, "ready"],
  [
    "a user without rights",
    ["--user", "me", "on", ">pw", "~*", "+get"],
    { user: "me", password: "pw" },
    /may not run/,
  ],
  ["a database that is not there", ["--databases", "2"], { database: 7 }, /no database/],
];

for (const [name, options, own, state] of LOGINS) {
  test(`${name}: ${state}`, async (t) => {
    const server = await startRedis(t, options);
    if (server === undefined) return;
    const { nextState } = await watch(t, addressOf(server, own));
    await nextState(state);
  });
}

test("a full store says so, and still tells what needs no room [maxmemory 1, noeviction]", async (t) => {
  const server = await startRedis(t, ["--maxmemory", "1", "--maxmemory-policy", "noeviction"]);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("ready");
  await assert.rejects(connection.run(COUNTING, ["a"], [1]), failsWith(/full/));
  assert.equal(await connection.command("GET", ["a"]), null);
});

test("a replica says so and is left for whoever has the name next [READONLY]", async (t) => {
  const primary = await startRedis(t);
  const replica = primary && (await startRedis(t, ["--replicaof", "127.0.0.1", `${primary.port}`]));
  if (replica === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(replica));
  await nextState("ready");
  await assert.rejects(connection.run(COUNTING, ["a"], [1]), failsWith(/replica/));
  await nextState(/replica/);
  await replica.ask("REPLICAOF NO ONE");
  await nextState("ready");
  assert.equal(await connection.run(COUNTING, ["a"], [1]), 1);
});

test("after the end nothing can be asked, and nothing is called back", async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { connection, nextState } = await watch(t, addressOf(server));
  await nextState("ready");
  const waiting = assert.rejects(connection.command("PING", []), StoreError);
  connection.close();
  await waiting;
  await assert.rejects(connection.command("PING", []), failsWith(/was closed/));
});
