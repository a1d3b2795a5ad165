import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../test/fixtures/request-head.ts";
import type { Client } from "../clients/clients.ts";
import type { Reply } from "../http/reply.ts";
import type { ConcurrencyGate } from "../limit/gate.ts";
import { LIMIT_UNKNOWN, type Limiter } from "../limit/limiter.ts";
import type { Admission } from "../limit/sliding-window.ts";
import { type Answer, errorAnswer } from "../site/answer.ts";
import { ASKED_OFTEN, ResponseCache } from "../site/file/response-cache.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { RequestHandler, type RequestHandlerOptions } from "./handle.ts";
import { Renderer } from "./render.ts";

const ADMITTED: Admission = { kind: "admitted", remaining: 4, waitMs: 1000 };
const REFUSED: Admission = { kind: "refused", remaining: 0, waitMs: 500 };

const FILE: Answer = {
  kind: "file",
  reply: { status: 200, fields: [], body: { kind: "bytes", bytes: Buffer.from("a") } },
  hitPath: "/a",
  isRepeatable: true,
};

/** A handler that notes what it does, one word a step. */
function newHandler(more: Partial<RequestHandlerOptions> = {}, answered: Answer = FILE) {
  const steps: string[] = [];
  const renderer = new Renderer({ policy: { count: 5, windowMs: 1000 }, basePath: "" });
  const handler = new RequestHandler({
    answer: async () => {
      steps.push("answer");
      return answered;
    },
    responseCache: new ResponseCache(),
    hits: { add: (path) => steps.push(`hit ${path}`) },
    limiter: undefined,
    gate: undefined,
    delayMs: 0,
    renderer: {
      render: (exchange: Exchange) => {
        steps.push("render");
        return renderer.render(exchange);
      },
    } as Renderer,
    metrics: undefined,
    clock: { monotonicMs: () => 0, wallMs: () => 0 } as never,
    ...more,
  });
  return { handler, steps };
}

const limiterOf = (admission: Admission | Promise<Admission>): Limiter => ({
  admit: () => admission,
});
const gateOf = (steps: string[]) =>
  ({
    enter: async () => void steps.push("enter"),
    leave: () => steps.push("leave"),
  }) as unknown as ConcurrencyGate;

function newExchange(client: Partial<Client> = {}): Exchange {
  return openExchange(makeHead(), 0, client as Client);
}

test("an admitted request is answered, counted, and only then rendered", async () => {
  const { handler, steps } = newHandler({ limiter: limiterOf(ADMITTED) });
  const exchange = newExchange();
  const reply = await handler.handle(exchange);
  assert.deepEqual(steps, ["answer", "hit /a", "render"]);
  assert.equal(reply.status, 200);
  assert.equal(exchange.admission, ADMITTED);
  assert.equal(exchange.answer, FILE);
});

const REFUSALS: readonly [string, Admission, status: number][] = [
  ["over the limit", REFUSED, 429],
  ["nobody can tell", LIMIT_UNKNOWN, 503],
];

for (const [why, admission, status] of REFUSALS) {
  for (const [how, asked] of [
    ["at once", admission],
    ["by a limiter elsewhere", Promise.resolve(admission)],
  ] as const) {
    test(`a refused request looks at no file, takes no turn and counts no hit [${why}, ${how}]`, async () => {
      const steps: string[] = [];
      const { handler, steps: more } = newHandler({
        limiter: limiterOf(asked),
        gate: gateOf(steps),
      });
      const exchange = newExchange();
      const reply = handler.handle(exchange);
      assert.equal(reply instanceof Promise, asked instanceof Promise);
      assert.equal((await reply).status, status);
      assert.deepEqual([...steps, ...more], ["render"]);
      assert.equal(exchange.admission.kind, admission.kind);
      assert.equal(exchange.answer?.kind, "error");
    });
  }
}

test("an exempt client is not asked about at the limiter", async () => {
  const limiter: Limiter = { admit: () => assert.fail("it was asked") };
  const { handler } = newHandler({ limiter });
  const exchange = newExchange({ isExempt: true });
  assert.equal((await handler.handle(exchange)).status, 200);
  assert.equal(exchange.admission.kind, "exempt");
});

test("an answer that was given often is given again at once, as the same value, and counted", async () => {
  const { handler, steps } = newHandler();
  const replies: Reply[] = [];
  for (let asked = 0; asked < ASKED_OFTEN + 2; asked++) {
    replies.push(await handler.handle(newExchange()));
  }
  steps.length = 0;
  const reply = handler.handle(newExchange());
  assert.ok(!(reply instanceof Promise));
  assert.equal(reply, replies.at(-1));
  assert.equal(reply.isShared, true);
  assert.deepEqual(steps, ["hit /a", "render"]);
});

const UNKEPT: readonly [string, Answer][] = [
  ["an error", errorAnswer(404)],
  ["a listing", { ...FILE, kind: "listing", isRepeatable: false }],
  ["a file for this request only", { ...FILE, isRepeatable: false }],
];

for (const [what, answer] of UNKEPT) {
  test(`what differs from one request to the next is made for each [${what}]`, async () => {
    const { handler, steps } = newHandler({}, answer);
    for (let asked = 0; asked < ASKED_OFTEN + 3; asked++) await handler.handle(newExchange());
    assert.equal(steps.filter((step) => step === "answer").length, ASKED_OFTEN + 3);
  });
}

test("a turn is taken before the answer is made, and given back once, when it is there", async () => {
  const turns: string[] = [];
  const { handler, steps } = newHandler({ gate: gateOf(turns) });
  const exchange = newExchange();
  await handler.handle(exchange);
  assert.deepEqual([...turns, ...steps], ["enter", "answer", "hit /a", "render"]);
  handler.leaveTurn(exchange);
  handler.leaveTurn(exchange);
  assert.deepEqual(turns, ["enter", "leave"]);
});

test("a client that has left while it waited for its turn costs no file and no hit", async () => {
  const exchange = newExchange();
  const enter = async () => {
    exchange.isAbandoned = true;
  };
  const gate = { enter, leave: () => {} };
  const { handler, steps } = newHandler({ gate: gate as unknown as ConcurrencyGate });
  assert.equal((await handler.handle(exchange)).status, 503);
  assert.deepEqual(steps, ["render"]);
});
