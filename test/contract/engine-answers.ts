// The part of the engine contract about answers: bodies of every kind, those that fail, and what is no
// request. Its cases are run by engine-contract.ts.

import assert from "node:assert/strict";
import { NO_BODY, type Reply, textReply } from "../../src/http/reply.ts";
import { CountingSource } from "../fixtures/counting-source.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import {
  bodiesOf,
  bytesReply,
  type EngineCase,
  partsReply,
  replyWithTarget,
} from "./engine-case.ts";

function* partsThatFail(afterCount: number): Generator<string> {
  for (let left = afterCount; left > 0; left--) yield "part";
  throw new Error("no more parts");
}

/** Answers of every kind, by the targets that ask for them. */
function makeReplies(): { replies: ReadonlyMap<string, Reply>; source: CountingSource } {
  const source = new CountingSource(300_000);
  const replies = new Map<string, Reply>([
    ["/none", { status: 404, fields: [["X-Kind", "none"]], body: NO_BODY }],
    ["/bytes", textReply(200, "text/plain", "some bytes")],
    ["/large", bytesReply(Buffer.alloc(300_000, "large"))],
    ["/source", source.reply(100, 200_000)],
    ["/parts", partsReply(["a", "", "b".repeat(100_000)])],
    ["/204", { status: 204, fields: [], body: { kind: "bytes", bytes: Buffer.from("no") } }],
    ["/304", { status: 304, fields: [], body: { kind: "bytes", bytes: Buffer.from("no") } }],
  ]);
  return { replies, source };
}

export const ANSWERING: readonly EngineCase[] = [
  {
    name: "bodies of every kind arrive whole, and `sent` says how much left",
    async run(open) {
      const { replies, source } = makeReplies();
      const targets = [...replies.keys()];
      const { client, handler } = await open((target) => replies.get(target) as Reply);
      const lengths = [0, 10, 300_000, 200_000, 100_001, 0, 0];
      for (const target of targets) client.ask(target);
      const answers = await client.untilAnswers(targets.length);
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body.length]),
        targets.map((target, index) => [replies.get(target)?.status, lengths[index]]),
      );
      assert.deepEqual(answers[0]?.fields.get("x-kind"), ["none"]);
      assert.ok(answers[3]?.body.equals(source.bytes.subarray(100, 200_100)));
      await waitUntil("all are finished", () => handler.finishedOnes.length === targets.length);
      const facts = handler.finishedOnes.map(({ target, sent }) => {
        return [target, sent?.status, sent?.bodyBytes, sent?.isComplete];
      });
      assert.deepEqual(
        facts,
        targets.map((target, index) => {
          return [target, replies.get(target)?.status, lengths[index], true];
        }),
      );
      assert.equal(source.closedCount, 1);
      assert.deepEqual(handler.madeTargets, ["/large", "/source", "/parts"]);
    },
  },
  {
    name: "HEAD is answered as GET is, without the body, which is closed all the same",
    async run(open) {
      const source = new CountingSource(300_000);
      const { client, handler } = await open((target) =>
        target === "/source" ? source.reply() : replyWithTarget(target),
      );
      client.ask("/source", "HEAD");
      client.ask("/text", "HEAD");
      const answers = await client.untilAnswers(2);
      assert.deepEqual(bodiesOf(answers), ["", ""]);
      assert.deepEqual(
        answers.map(({ fields }) => fields.get("content-length")),
        [["300000"], ["5"]],
      );
      assert.equal(source.closedCount, 1);
      assert.deepEqual(
        handler.finishedOnes.map(({ sent }) => sent?.bodyBytes),
        [0, 0],
      );
    },
  },
  {
    name: "a reply that is at hand is written without waiting, one that is promised later",
    async run(open) {
      const { client, handler } = await open((target) => {
        return target === "/now"
          ? replyWithTarget(target)
          : Promise.resolve(replyWithTarget(target));
      });
      client.ask("/now");
      client.ask("/later");
      client.ask("/now");
      assert.deepEqual(bodiesOf(await client.untilAnswers(3)), ["/now", "/later", "/now"]);
      assert.deepEqual(
        handler.finishedOnes.map(({ isLater }) => isLater),
        [false, true, false],
      );
    },
  },
  {
    name: "of a shared reply each use has its own fields, and every value stays in its field",
    async run(open) {
      const kept: Reply = { ...textReply(200, "text/plain", "kept"), isShared: true };
      const { client } = await open((target, exchange) => {
        const count = Number(target.slice(1));
        const common = { others: OTHERS, name: "X-Left", before: "n=", digitsMin: 1, after: ";t" };
        exchange.useFields = count < 0 ? undefined : { ...common, count };
        return kept;
      });
      const counts = [9, 8, 10, 11, 11, -1, -1, 7];
      for (const count of counts) {
        client.ask(`/${count}`);
        // One after the other, so that each is written by itself.
        await client.untilAnswers(counts.indexOf(count) + 1);
      }
      const answers = await client.untilAnswers(counts.length);
      assert.deepEqual(
        answers.map(({ fields }) => fields.get("x-left")?.join()),
        counts.map((count) => (count < 0 ? undefined : `n=${count};t`)),
      );
      assert.deepEqual(answers[0]?.fields.get("x-other"), ["a  X-Forged: b"]);
      assert.equal(answers[0]?.fields.has("x-forged"), false);
      assert.ok(answers.every(({ body }) => body.toString() === "kept"));
    },
  },
];

const OTHERS = [["X-Other", "a\r\nX-Forged: b"]] as const;

export const FAILING: readonly EngineCase[] = [
  {
    name: "a handler that throws or rejects, or a body that fails at once, is answered by fail; the connection goes on",
    async run(open) {
      const { client, handler } = await open((target) => {
        if (target === "/throws") throw new Error("thrown");
        if (target === "/rejects") return Promise.reject(new Error("rejected"));
        if (target === "/parts") return partsReply(partsThatFail(0));
        if (target === "/ok") return replyWithTarget(target);
        const source = new CountingSource(10);
        if (target === "/broken") source.brokenAt = 0;
        else source.hasChanged = true;
        return source.reply();
      });
      const targets = ["/throws", "/rejects", "/parts", "/broken", "/changed", "/ok"];
      for (const target of targets) client.ask(target);
      const answers = await client.untilAnswers(targets.length);
      assert.deepEqual(bodiesOf(answers), [...Array<string>(5).fill("failed"), "/ok"]);
      assert.deepEqual(handler.errors.map(String), [
        "Error: thrown",
        "Error: rejected",
        "Error: no more parts",
        "Error: the disk is broken",
        "SourceChangedError: the file changed while it was read",
      ]);
      assert.deepEqual(handler.madeTargets, []);
    },
  },
  {
    name: "a body that breaks on its way never looks complete",
    async run(open) {
      const { client, handler } = await open(() => {
        const source = new CountingSource(400_000);
        source.brokenAt = 200_000;
        return source.reply();
      });
      client.ask("/source");
      const { wholeCount } = await client.untilEnd();
      assert.equal(wholeCount, 0);
      await waitUntil("it is closed", () => handler.closedCount === 1);
      assert.deepEqual(
        handler.finishedOnes.map(({ sent }) => sent?.isComplete),
        [false],
      );
      assert.deepEqual(handler.errors, []);
    },
  },
  {
    name: "parts that break on their way never look complete, and are closed once",
    async run(open) {
      const { client, handler } = await open((_target, exchange) => {
        return partsReply(partsThatFail(3), () => {
          assert.equal(exchange.sent, undefined);
        });
      });
      client.ask("/parts");
      assert.equal((await client.untilEnd()).wholeCount, 0);
      await waitUntil("it is closed", () => handler.closedCount === 1);
      assert.deepEqual(
        handler.finishedOnes.map(({ sent }) => sent?.isComplete),
        [false],
      );
    },
  },
  {
    name: "what is no request is refused and never handled",
    async run(open) {
      const { client, handler } = await open(replyWithTarget);
      client.ask("/a");
      await client.untilAnswers(1);
      client.askBadly();
      await client.untilEnd();
      assert.deepEqual(handler.handled, ["/a"]);
      assert.deepEqual(
        handler.refusals.map(({ status }) => status),
        [400],
      );
      assert.deepEqual(
        handler.finishedOnes.map(({ target, sent }) => [target, sent?.status]),
        [
          ["/a", 200],
          [undefined, 400],
        ],
      );
    },
  },
  {
    name: "one that is rejected gets a refusal and an end, and nothing of it is handled",
    async run(open) {
      const { engine, client, handler } = await open(replyWithTarget);
      engine.reject({ status: 503, explanation: undefined });
      client.ask("/a");
      const { wholeCount, isCut } = await client.untilEnd();
      assert.deepEqual([wholeCount, isCut], [1, false]);
      assert.deepEqual(handler.handled, []);
      assert.deepEqual(
        handler.finishedOnes.map(({ sent }) => [sent?.status, sent?.isComplete]),
        [[503, true]],
      );
    },
  },
];
