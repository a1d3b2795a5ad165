// Broken requests against the real server, each on a connection of its own: it never crashes, never
// hangs, and closes by itself after every answer that says so. Repeat a run with WEIR_FUZZ_SEED, make
// it longer with WEIR_FUZZ_CASES. For live-server.test.ts and live-server.full.test.ts.

import assert from "node:assert/strict";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { makeBrokenRequest } from "./head-mutation.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "./random-numbers.ts";

const AT_ONCE = 48;
/** Long after any whole request is answered: this one was not whole, so the client ends its side. */
const QUIET_MS = 200;
/** Only a connection that the server never ends takes this long: its own deadlines are ten seconds. */
const HUNG_MS = 90_000;

interface Outcome {
  readonly answer: string;
  readonly isHung: boolean;
  readonly isReset: boolean;
}

/** Sends, and ends its own side only when nothing more comes that promises a close. */
function converse(port: number, request: Buffer): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let answer = "";
  let isReset = false;
  let quietTimer: NodeJS.Timeout | undefined;
  const hungTimer = setTimeout(() => {
    resolve({ answer, isHung: true, isReset });
    socket.destroy();
  }, HUNG_MS);
  const expectMore = () => {
    clearTimeout(quietTimer);
    // After this the server owes us the close; to end our side now would hide that it forgot.
    if (answer.includes("\r\nConnection: close\r\n")) return;
    quietTimer = setTimeout(() => socket.end(), QUIET_MS);
  };
  socket.on("connect", () => {
    socket.write(request);
    expectMore();
  });
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
    expectMore();
  });
  socket.on("end", () => socket.end());
  socket.on("error", () => {
    isReset = true;
  });
  socket.on("close", () => {
    clearTimeout(quietTimer);
    clearTimeout(hungTimer);
    resolve({ answer, isHung: false, isReset });
  });
  return promise;
}

/**
 * Sends broken requests to a server of its own, 48 at a time.
 *
 * @param usualCount of requests, where WEIR_FUZZ_CASES gives no other number
 */
export async function checkBrokenRequests(t: TestContext, usualCount: number): Promise<void> {
  const seed = chooseSeed(process.env);
  const caseCount = chooseCaseCount(process.env, usualCount);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${caseCount}`);
  const dir = makeTempFolder(t);
  writeTree(dir, { a: "a", "index.html": "index", second: "second" });
  const weir = await startWeir(t, { dir, args: ["--rate", "off"] });
  const random = new RandomNumbers(seed);
  const statuses = new Map<string, number>();
  let begun = 0;
  async function converseInTurn(): Promise<void> {
    while (begun < caseCount) {
      begun++;
      const request = Buffer.from(makeBrokenRequest(random), "latin1");
      const outcome = await converse(weir.port, request);
      const told = `${JSON.stringify(request.toString("latin1"))} got ${JSON.stringify(outcome.answer.slice(0, 200))}`;
      assert.ok(!outcome.isHung, `left open: ${told}`);
      assert.ok(!outcome.isReset, `reset: ${told}`);
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(outcome.answer)?.[1] ?? "none";
      assert.ok(outcome.answer === "" || status !== "none", `not HTTP: ${told}`);
      assert.ok(!/^50[0234]$/.test(status), `the server's own failure: ${told}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, converseInTurn));
  t.diagnostic(`by status: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`);
  // Most of what is broken is refused; were nothing, nothing was broken.
  assert.ok((statuses.get("400") ?? 0) > caseCount / 10);
  assert.match(weir.stderr(), /^weir: serving [^\n]+\n$/, "not a word but the ready line");
  assert.equal((await weir.stop()).code, 0);
}
