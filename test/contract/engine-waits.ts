// The part of the engine contract about waiting: for clients that read slowly, leave, or ask for nothing,
// for answers that are being made, and for a server that drains. Its cases are run by engine-contract.ts.

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { httpLimits } from "../../src/transport/engine.ts";
import { CountingSource } from "../fixtures/counting-source.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import {
  bodiesOf,
  bytesReply,
  type EngineCase,
  PendingReplies,
  replyWithTarget,
} from "./engine-case.ts";

/** More than the buffers of both kernels hold. */
const LARGE_BYTES = 32 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Answers that are at hand, and those that leave in pieces; more of both than the kernels hold. */
const UNREAD_ANSWERS = [
  { kind: "small", bodyBytes: 60_000, askedCount: 700 },
  { kind: "large", bodyBytes: MIB, askedCount: 40 },
];

const BACK_PRESSURE: readonly EngineCase[] = UNREAD_ANSWERS.map(
  ({ kind, bodyBytes, askedCount }) => ({
    name: `for a client that does not read no further requests are handled; once it reads, all are [${kind} answers]`,
    async run(open) {
      const body = Buffer.alloc(bodyBytes, "x");
      const { client, handler, memory } = await open(() => bytesReply(body));
      client.stopReading();
      for (let index = 0; index < askedCount; index++) client.ask(`/${index}`);
      await waitUntil("something waits", () => memory.bytes > 0);
      for (let turn = 0; turn < 200; turn++) await nextTurn();
      assert.ok(handler.handled.length < askedCount, `${handler.handled.length} were handled`);
      assert.ok(memory.bytes <= 3 * MIB, `${memory.bytes} bytes are held`);
      client.readOn();
      const answers = await client.untilAnswers(askedCount);
      assert.ok(answers.every((answer) => answer.body.equals(body)));
    },
  }),
);

export const WAITING: readonly EngineCase[] = [
  ...BACK_PRESSURE,
  {
    name: "when the connection breaks, an exchange is abandoned, and what is made of it then is closed",
    async run(open) {
      const pending = new PendingReplies();
      const { client, handler, breakOff } = await open(pending.reply);
      const source = new CountingSource(10);
      client.ask("/a");
      await waitUntil("it is handled", () => handler.handled.length === 1);
      const [exchange] = handler.exchanges;
      assert.equal(exchange?.isAbandoned, false);
      breakOff();
      await waitUntil("it is closed", () => handler.closedCount === 1);
      assert.equal(exchange?.isAbandoned, true);
      assert.deepEqual(handler.finishedOnes, []);
      pending.settle(source.reply());
      await waitUntil("it is finished", () => handler.finishedOnes.length === 1);
      const nothing = { status: 200, bodyBytes: 0, isComplete: false };
      assert.partialDeepStrictEqual(exchange?.sent, nothing);
      assert.equal(source.closedCount, 1);
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      assert.deepEqual([handler.closedCount, handler.finishedOnes.length], [1, 1]);
    },
  },
  {
    name: "a client that leaves in the middle of a body lets go of it",
    async run(open) {
      const source = new CountingSource(LARGE_BYTES);
      const { client, handler, memory } = await open(() => source.reply());
      client.stopReading();
      client.ask("/a");
      await waitUntil("something waits", () => memory.bytes > 0);
      client.leave();
      await waitUntil("it is closed", () => handler.closedCount === 1);
      await waitUntil("it is finished", () => handler.finishedOnes.length === 1);
      assert.equal(handler.finishedOnes[0]?.sent?.isComplete, false);
      assert.deepEqual([source.closedCount, memory.bytes], [1, 0]);
    },
  },
  {
    name: "a client that takes nothing of its answer is cut off after the stall timeout",
    async run(open) {
      const source = new CountingSource(LARGE_BYTES);
      const { client, handler, memory, pass } = await open(() => source.reply());
      client.stopReading();
      client.ask("/a");
      await waitUntil("something waits", () => memory.bytes > 0);
      await waitUntil("it is cut off", async () => {
        await pass(httpLimits.stallTimeoutMs);
        return handler.closedCount === 1;
      });
      await waitUntil("it is finished", () => handler.finishedOnes.length === 1);
      assert.equal(handler.finishedOnes[0]?.sent?.isComplete, false);
      assert.deepEqual([source.closedCount, memory.bytes], [1, 0]);
    },
  },
  {
    name: "an answer that is still being made is waited for, longer than any client is",
    async run(open) {
      const pending = new PendingReplies();
      const { client, handler, pass } = await open(pending.reply);
      client.ask("/a");
      await waitUntil("it is handled", () => handler.handled.length === 1);
      await pass(2 * httpLimits.stallTimeoutMs);
      pending.settle(replyWithTarget("made"));
      assert.deepEqual(bodiesOf(await client.untilAnswers(1)), ["made"]);
    },
  },
  {
    name: "a client that asks for nothing, or not to the end, is let go",
    async run(open) {
      const { client, handler, pass } = await open(replyWithTarget);
      client.ask("/a");
      await client.untilAnswers(1);
      await pass(httpLimits.idleTimeoutMs - 1000);
      assert.equal(client.hasEnded, false);
      client.askInPart();
      for (let turn = 0; turn < 50; turn++) await nextTurn();
      await pass(httpLimits.headTimeoutMs - 1000);
      assert.deepEqual(handler.refusals, []);
      await pass(1000);
      await client.untilEnd();
      assert.deepEqual(
        handler.refusals.map(({ status }) => status),
        [408],
      );
    },
  },
  {
    name: "what a client asked for before it ended its side is answered",
    async run(open) {
      const pending = new PendingReplies();
      const { client, handler } = await open(pending.reply);
      client.ask("/a");
      client.ask("/b");
      client.endSide();
      for (const target of ["/a", "/b"]) {
        await waitUntil("it is handled", () => handler.handled.includes(target));
        pending.settle(replyWithTarget(target));
      }
      const { wholeCount, isCut } = await client.untilEnd();
      assert.deepEqual([wholeCount, isCut], [2, false]);
      await waitUntil("it is closed", () => handler.closedCount === 1);
    },
  },
  {
    name: "a connection that drains finishes its answer, and ends",
    async run(open) {
      const pending = new PendingReplies();
      const { engine, client, handler, pass } = await open(pending.reply);
      client.ask("/a");
      await waitUntil("it is handled", () => handler.handled.length === 1);
      engine.drain();
      await pass(5000);
      assert.equal(client.hasEnded, false);
      pending.settle(replyWithTarget("made"));
      const { wholeCount, isCut } = await client.untilEnd();
      assert.deepEqual([wholeCount, isCut], [1, false]);
      await pass(httpLimits.lingerTimeoutMs);
      await waitUntil("it is closed", () => handler.closedCount === 1);
    },
  },
  {
    name: "one that is idle when it drains ends after a short grace",
    async run(open) {
      const { engine, client, handler, pass } = await open(replyWithTarget);
      client.ask("/a");
      await client.untilAnswers(1);
      engine.drain();
      await pass(httpLimits.drainGraceMs - 250);
      assert.equal(client.hasEnded, false);
      await pass(250);
      await client.untilEnd();
      assert.equal(handler.exchanges.length, 1);
    },
  },
];
