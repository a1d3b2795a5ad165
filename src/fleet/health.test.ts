import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStoreFailure, StoreError, StoreHealth } from "./health.ts";

function newHealth(whenDown: "local" | "open" | "closed" | "unlimited" = "local") {
  const lines: string[] = [];
  const health = new StoreHealth({
    shown: "redis://store.example:6379/0",
    whenDown,
    warn: (line) => lines.push(line),
  });
  return { health, lines };
}

test("one line when the first thread misses it, one when the last has it again", () => {
  const { health, lines } = newHealth();
  health.report("thread 1", true, "");
  assert.deepEqual(lines, []);
  health.report("thread 1", false, "connection refused");
  health.report("thread 2", false, "it does not answer");
  health.report("thread 1", true, "");
  assert.deepEqual(lines, [
    "the store redis://store.example:6379/0 is gone (connection refused): " +
      "until it is back each server keeps its own limit",
  ]);
  assert.equal(health.state.isUp, false);
  assert.equal(health.state.reason, "it does not answer");
  health.report("thread 2", true, "");
  assert.equal(lines[1], "the store redis://store.example:6379/0 is back");
  assert.deepEqual([health.state.isUp, health.state.reason], [true, null]);
  assert.equal(lines.length, 2);
});

test("the line says what happens meanwhile [open, closed]", () => {
  for (const [whenDown, words] of [
    ["open", /until it is back there is no limit$/],
    ["unlimited", /until it is back hits wait in memory$/],
    ["closed", /until it is back every request is answered with 503$/],
  ] as const) {
    const { health, lines } = newHealth(whenDown);
    health.report("thread 1", false, "it is full");
    assert.match(lines[0] ?? "", words);
  }
});

test("a thread that takes a dead one's place speaks for it", () => {
  const { health, lines } = newHealth();
  health.report("thread 1", false, "it does not answer");
  health.report("thread 1", true, "");
  assert.equal(health.state.isUp, true);
  assert.equal(lines.length, 2);
});

const FAILURES: readonly [message: string, code: string | undefined, words: RegExp][] = [
  ["OOM command not allowed when used memory > 'maxmemory'.", undefined, /^it is full/],
  [
    "ERR Error running script (call to f_1): @user_script:3: @user_script: 3: -OOM command not allowed",
    undefined,
    /^it is full/,
  ],
  ["READONLY You can't write against a read only replica.", undefined, /^it is a read-only/],
  ["MASTERDOWN Link with MASTER is down", undefined, /lost its primary$/],
  ["WRONGPASS invalid username-password pair", undefined, /^it does not take this user/],
  ["NOAUTH Authentication required.", undefined, /^it wants a password/],
  ["NOPERM this user has no permissions", undefined, /^the user may not/],
  ["LOADING Redis is loading the dataset in memory", undefined, /^it is still loading/],
  ["MISCONF Redis is configured to save RDB snapshots", undefined, /^it cannot save/],
  ["ERR DB index is out of range", undefined, /^it has no database/],
  ["MOVED 3999 127.0.0.1:6381", undefined, /^it is a cluster/],
  ["connect ECONNREFUSED 127.0.0.1:6379", "ECONNREFUSED", /^connection refused$/],
  ["getaddrinfo ENOTFOUND store.example", "ENOTFOUND", /^its name is not known$/],
  ["connect ETIMEDOUT", "ETIMEDOUT", /^no answer to the connection$/],
  ["Socket timeout. Expecting data, but didn't receive any in 1000ms.", undefined, /not answer$/],
  ["self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT", /^self-signed certificate \(DEPTH/],
  ["ERR something\r\nelse", undefined, /^ERR something$/],
];

for (const [message, code, words] of FAILURES) {
  test(`"${message.slice(0, 60).trimEnd()}" reads ${words}`, () => {
    assert.match(describeStoreFailure(Object.assign(new Error(message), { code })).message, words);
  });
}

test("what is no error is described too, and a description stays what it is", () => {
  assert.equal(describeStoreFailure("gone").message, "gone");
  const error = new StoreError("it is away");
  assert.equal(describeStoreFailure(error), error);
  assert.equal(describeStoreFailure(new Error("x".repeat(1000))).message.length, 160);
});

test("a missing script and a wrong server are told apart from the rest", () => {
  const missing = describeStoreFailure(new Error("NOSCRIPT No matching script."));
  assert.deepEqual([missing.isMissingScript, missing.isWrongServer], [true, false]);
  const replica = describeStoreFailure(new Error("READONLY You can't write"));
  assert.deepEqual([replica.isMissingScript, replica.isWrongServer], [false, true]);
});
