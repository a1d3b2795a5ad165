// Whatever a server does, every request has just one outcome. How each manner of a server is named
// stands in client-connection.test.ts, which uses the same connection one request at a time.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { formatAnswer, startScriptedServer } from "../../test/fixtures/scripted-server.ts";
import { runLoad } from "./run.ts";

const ok = formatAnswer(200, "hello");

const manners: Record<string, (socket: Socket) => void> = {
  answers: (socket) => socket.write(ok),
  answersInPieces: (socket) => {
    for (const piece of ok.match(/.{1,7}/gs)!) socket.write(piece);
  },
  answersLater: (socket) => setTimeout(() => socket.write(ok), 2),
  answersAndCloses: (socket) => socket.end(formatAnswer(200, "x", ["Connection: close"])),
  answersAndClosesWithoutAWord: (socket) => socket.end(ok),
  answersUntilItCloses: (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nhello"),
  chunks: (socket) =>
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
  refuses: (socket) => socket.write(formatAnswer(429, "no", ["Retry-After: 0"])),
  closes: (socket) => socket.end(),
  // Node never gets to its end with a socket that was reset while its FIN was on the way.
  resets: (socket) => (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()),
  isSilent: () => {},
  sendsHalf: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
  sendsHalfAndCloses: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
  sendsGarbage: (socket) => socket.write("garbage\r\n"),
  sendsMore: (socket) => socket.write(`${ok}surplus`),
};

const someManners = fc.array(fc.constantFrom(...Object.keys(manners)), {
  minLength: 1,
  maxLength: 12,
});
const forms = fc.record({
  connections: fc.integer({ min: 1, max: 3 }),
  pipelining: fc.integer({ min: 1, max: 4 }),
  keepAlive: fc.boolean(),
});

test("30 requests have 30 outcomes, whatever the server does with each", async (t) => {
  let names: readonly string[] = [];
  let servedCount = 0;
  const { port } = await startScriptedServer(t, (socket) => {
    manners[names[servedCount++ % names.length]!]!(socket);
  });
  await fc.assert(
    fc.asyncProperty(someManners, forms, async (chosen, form) => {
      names = chosen;
      servedCount = 0;
      const base = { host: "127.0.0.1", port, requestTarget: "/", timeoutMs: 30 };
      const result = await runLoad({ ...base, requests: 30, ...form });
      assert.deepEqual([result.total, result.abandoned, result.interrupted], [30, 0, false]);
      const reasons = Object.values(result.failuresByReason);
      const unanswered = reasons.reduce((sum, { count }) => sum + count, 0);
      assert.equal(result.answered + unanswered, 30);
      assert.equal(result.latencyMs.all?.count ?? 0, result.answered);
    }),
    { numRuns: 60 },
  );
});
