import assert from "node:assert/strict";
import { test } from "node:test";
import { REPOSITORY_DIR } from "../rules/source-files.ts";
import { type CalledFunction, measureRequests, mostAgreed, sumCalls } from "./request-calls.ts";

function called(name: string, count = 1, url = "src/a.ts"): CalledFunction {
  return { url, name, offset: 1, count };
}

test("calls add up by file and function; functions without a name are functions", () => {
  assert.deepEqual(sumCalls([called("a", 3), called("", 1), called("b", 2, "src/b.ts")]), {
    files: 2,
    functions: 3,
    calls: 6,
    called: ["src/a.ts a 3", "src/a.ts (no name) 1", "src/b.ts b 2"],
  });
});

test("what most repetitions agree on is the request, not the fewest calls and not a timer's", () => {
  const request = [called("a", 2)];
  const withTimer = [called("a", 2), called("timer")];
  const otherWay = [called("b")];
  assert.deepEqual(mostAgreed([withTimer, request, otherWay, request]), request);
});

test("of repetitions that all differ, the one with the fewest calls is the request", () => {
  const request = [called("a")];
  assert.deepEqual(mostAgreed([[called("a"), called("timer")], request]), request);
});

test("a GET of a real server passes the function that handles requests, cold and hot", async () => {
  const { cold, hot } = await measureRequests(REPOSITORY_DIR, { coldRepeats: 1, hotRepeats: 1 });
  for (const { files, functions, calls, called } of [cold, hot]) {
    const handlers = called.filter((line) =>
      /^src\/(?:server|request)\/handle(?:-request)?\.ts handle 1$/.test(line),
    );
    assert.equal(handlers.length, 1, called.join("\n"));
    assert.ok(files > 1 && functions >= files && calls >= functions, called.join("\n"));
  }
  assert.ok(hot.functions < cold.functions, `${hot.functions} of ${cold.functions}`);
});
