// The limiter in a store, which a real redis-server is, keeps the contract of limiter-contract.ts, and
// gives the same answers as the one in shared memory.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreConnection } from "../../src/fleet/connection.ts";
import { LIMIT_SCRIPT, leaseTerms } from "../../src/fleet/limit-script.ts";
import { FleetLimiter } from "../../src/fleet/limiter.ts";
import { CELLS_MAX, windowShape } from "../../src/limit/sliding-window.ts";
import { hashKey } from "../../src/memory/shared-table.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { LIMITER_CASES, type LimitedServers, type LimiterSubject } from "./limiter-contract.ts";
import { inMemory, type Limit, newWindows, SECRET } from "./limiter-in-memory.ts";

const SERVERS = 3;
/** The tests' machine may be slow; nothing here is about time. */
const DEADLINE_MS = 60_000;

function inStore(connection: StoreConnection): LimiterSubject {
  let starts = 0;
  return {
    name: "a store",
    start(limit) {
      const prefix = `contract-${starts++}:`;
      const nodes = Array.from({ length: SERVERS }, () => newNode(connection, limit, prefix));
      return { admit: (server, client, nowMs) => nodes[server]!(client, nowMs) };
    },
    shareMissingMax(count) {
      const isLeased = leaseTerms({ count, windowMs: 1000 }) !== undefined;
      return 1 / CELLS_MAX + (isLeased ? SERVERS / 16 : 0);
    },
    lateMs: (count, windowMs) => leaseTerms({ count, windowMs })?.lifeMs ?? 0,
  };
}

/** One server with a limiter of its own; its clock is the store's, and stands where it is asked at. */
function newNode(connection: StoreConnection, limit: Limit, prefix: string) {
  let timeMs = 0;
  const limiter = new FleetLimiter({
    link: {
      isUp: true,
      run: (script, keys, args) => connection.run(script, keys, args, DEADLINE_MS),
    },
    local: newWindows(limit),
    shape: windowShape(limit.count, limit.windowMs),
    prefix,
    whenDown: "closed",
    clock: { monotonicMs: () => timeMs },
    storeTimeMs: () => timeMs,
  });
  return (client: string, nowMs: number) => {
    timeMs = nowMs;
    const key = hashKey(SECRET, client);
    limiter.nameClient(key, client);
    return limiter.admit(key, nowMs);
  };
}

async function connect(t: TestContext): Promise<StoreConnection | undefined> {
  const server = await startRedis(t);
  if (server === undefined) return undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const connection = await StoreConnection.open({
    address: {
      host: "127.0.0.1",
      port: server.port,
      isEncrypted: false,
      user: undefined,
      password: undefined,
      database: 0,
      prefix: "",
    },
    scripts: [LIMIT_SCRIPT],
    onReady: resolve,
  });
  t.after(() => connection.close());
  await ready;
  return connection;
}

test("in a store", async (t) => {
  const connection = await connect(t);
  if (connection === undefined) return;
  const subject = inStore(connection);
  for (const { name, run } of LIMITER_CASES) await t.test(name, () => run(subject));
  await t.test("each answer is that of the limiter in shared memory [65 to 99]", () =>
    compare(subject),
  );
  await t.test("its clock set back by ten minutes makes nobody wait longer [2 in 1 s]", () =>
    setClockBack(subject),
  );
});

/** A steady flow and bursts, over several windows: cells of more than one admission, without leases. */
async function compare(subject: LimiterSubject): Promise<void> {
  for (const count of [65, 80, 99]) {
    const both: LimitedServers[] = [subject, inMemory].map((each) =>
      each.start({ count, windowMs: 1000 }),
    );
    let nowMs = 5_000_000;
    for (let step = 0; step < 600; step++) {
      nowMs += step % 7 === 0 ? 0 : ((step * 37) % 60) / 4;
      if (step % 150 === 149) nowMs += 700;
      const [stored, shared] = [await both[0]!.admit(0, "a", nowMs), both[1]!.admit(0, "a", nowMs)];
      assert.deepEqual(stored, shared, `${count}, step ${step}, at ${nowMs}`);
    }
  }
}

async function setClockBack(subject: LimiterSubject): Promise<void> {
  const servers = subject.start({ count: 2, windowMs: 1000 });
  await servers.admit(0, "a", 1_000_000);
  await servers.admit(0, "a", 1_000_500);
  const backMs = 400_000;
  // Another server, which knows nothing of before.
  const refused = await servers.admit(1, "a", backMs);
  assert.deepEqual(refused, { kind: "refused", remaining: 0, waitMs: 500 });
  assert.equal((await servers.admit(1, "a", backMs + 500)).kind === "admitted", false);
}
