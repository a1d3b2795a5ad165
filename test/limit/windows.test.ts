// Windows of any length as clients and the person at the terminal meet them: the real command.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readSnapshot, startAdminWeir } from "../fixtures/admin-weir.ts";
import { ask, field } from "../fixtures/ask-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

interface Told {
  readonly typed: string;
  readonly shown: string;
  readonly windowSeconds: number;
  readonly inAny: string;
  readonly wait: RegExp;
}

const WINDOWS: readonly Told[] = [
  {
    typed: "2/15m",
    shown: "2/15m",
    windowSeconds: 900,
    inAny: "2 requests in any 15 minutes",
    wait: /^15 minutes$/,
  },
  {
    typed: "1/30s",
    shown: "1/30s",
    windowSeconds: 30,
    inAny: "1 request in any 30 seconds",
    wait: /^(?:30|29) seconds$/,
  },
  {
    typed: "2/day",
    shown: "2/d",
    windowSeconds: 86_400,
    inAny: "2 requests in any day",
    wait: /^24 hours$/,
  },
  {
    typed: "1 req / 90 min",
    shown: "1/90m",
    windowSeconds: 5400,
    inAny: "1 request in any 90 minutes",
    wait: /^90 minutes$/,
  },
];

for (const { typed, shown, windowSeconds, inAny, wait } of WINDOWS) {
  test(`all that tells of the limit is right with --rate '${typed}'`, async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "a" });
    const weir = await startAdminWeir(t, {
      dir,
      args: ["--rate", typed, "--workers", "1", "--log", "json"],
    });
    assert.match(weir.stderr(), new RegExp(`, ${shown} per client\\)`));
    const count = Number(shown.split("/")[0]);
    for (let asked = 0; asked < count; asked++)
      assert.equal((await ask(weir, "/a.txt")).status, 200);
    for (const accept of ["text/html", "application/json"]) {
      const refused = await ask(weir, "/a.txt", { accept });
      assert.equal(refused.status, 429);
      assert.equal(field(refused, "ratelimit-policy"), `"default";q=${count};w=${windowSeconds}`);
      const retryAfter = Number(field(refused, "retry-after"));
      assert.ok(retryAfter > windowSeconds - 20 && retryAfter <= windowSeconds, String(retryAfter));
      const text = refused.body.toString();
      assert.ok(text.includes(`${inAny} for each client`), text);
      assert.match(/Try again in ([^.]+)\./.exec(text)?.[1] ?? text, wait);
    }
    const { server } = await readSnapshot(weir);
    assert.deepEqual(server.rate, { count, windowMs: windowSeconds * 1000, text: shown });
  });
}

test("a window of two seconds is over when Retry-After says so [2/2s]", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  const weir = await startWeir(t, { dir, args: ["--workers", "2"], env: { RATE: "2/2s" } });
  assert.equal((await ask(weir, "/a.txt")).status, 200);
  assert.equal((await ask(weir, "/a.txt")).status, 200);
  const refused = await ask(weir, "/a.txt");
  assert.equal(refused.status, 429);
  await sleep(Number(field(refused, "retry-after")) * 1000);
  assert.equal((await ask(weir, "/a.txt")).status, 200);
});

test("a rate that cannot be meant is refused in one line [10/500ms in the environment]", async (t) => {
  await assert.rejects(
    startWeir(t, { dir: ".", env: { RATE: "10/500ms" } }),
    /weir: cannot use "10\/500ms" for RATE in the environment: give a window of whole seconds/,
  );
});
