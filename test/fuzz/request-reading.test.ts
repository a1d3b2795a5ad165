// The oracle for our strictness: broken requests are read by us and by Node's own HTTP server. What
// we take for a request, Node must take for the same one, in the same place; where Node refuses, we
// refuse. Node is the laxer of the two, so it may see more. Repeat a run with WEIR_FUZZ_SEED, make it
// longer with WEIR_FUZZ_CASES.

import assert from "node:assert/strict";
import { METHODS } from "node:http";
import { test } from "node:test";
import { RequestHeadCache } from "../../src/http1/request-head-cache.ts";
import { RequestParser } from "../../src/http1/request-parser.ts";
import { httpLimits } from "../../src/transport/engine.ts";
import { makeBrokenRequest } from "./head-mutation.ts";
import { NodeHttpReader, type Reading } from "./node-http-reading.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "./random-numbers.ts";

const CASES_USUAL = 20_000;

type Reader = (input: string) => Reading;

/** The requests that a connection of ours would answer: it stops where it would close. */
function readAsWeir(input: string, firstPieceBytes = input.length): Reading {
  const buffer = Buffer.from(input, "latin1");
  const parser = new RequestParser(httpLimits, new RequestHeadCache());
  const reading: string[] = [];
  let at = 0;
  for (const end of [firstPieceBytes, buffer.length]) {
    while (at < end) {
      const outcome = parser.parse(buffer, at, end);
      if (outcome.kind === "incomplete") break;
      if (outcome.kind === "refused") return reading;
      const { head, endOffset } = outcome;
      // Other methods are answered with 501 and never looked at closely.
      if (!METHODS.includes(head.method)) return reading;
      reading.push(`${head.method} ${head.rawTarget}`);
      if (!head.keepAlive) return reading;
      at += endOffset;
    }
  }
  return reading;
}

/** Node may see more: it is the laxer of the two, and we close after a request with a body. */
function isPrefix(reading: Reading, of: Reading): boolean {
  return reading.every((request, index) => request === of[index]);
}

interface Disagreement {
  readonly input: string;
  readonly ours: Reading;
  readonly node: Reading;
}

interface Findings {
  readonly disagreements: readonly Disagreement[];
  readonly readCount: number;
}

async function findDisagreements(read: Reader, caseCount: number, seed: number): Promise<Findings> {
  const random = new RandomNumbers(seed);
  const inputs = Array.from({ length: caseCount }, () => makeBrokenRequest(random));
  const nodeReadings = await new NodeHttpReader().readAll(inputs);
  const disagreements: Disagreement[] = [];
  let readCount = 0;
  for (const [index, input] of inputs.entries()) {
    const ours = read(input);
    const node = nodeReadings[index] ?? [];
    if (ours.length > 0) readCount++;
    if (!isPrefix(ours, node)) disagreements.push({ input, ours, node });
  }
  return { disagreements, readCount };
}

function show({ input, ours, node }: Disagreement): string {
  // A byte that no terminal shows may be the very one.
  const visible = JSON.stringify(input).replaceAll(
    /[^ -~]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16)}`,
  );
  return `${visible}\n  weir: ${JSON.stringify(ours)}\n  node: ${JSON.stringify(node)}`;
}

test("what weir reads as requests, Node's own server reads as the same ones", async (t) => {
  const seed = chooseSeed(process.env);
  const caseCount = chooseCaseCount(process.env, CASES_USUAL);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${caseCount}`);
  const found = await findDisagreements(readAsWeir, caseCount, seed);
  t.diagnostic(`${found.readCount} read`);
  assert.deepEqual(found.disagreements.map(show), []);
  // Both must happen often, or the fuzzer tests nothing.
  assert.ok(found.readCount > caseCount / 10 && found.readCount < (caseCount * 9) / 10);
});

test("a broken request cut in two pieces is read as in one", (t) => {
  const seed = chooseSeed(process.env);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed}`);
  const random = new RandomNumbers(seed);
  for (let left = chooseCaseCount(process.env, CASES_USUAL); left > 0; left--) {
    const input = makeBrokenRequest(random);
    const cut = 1 + random.below(input.length);
    assert.deepEqual(readAsWeir(input, cut), readAsWeir(input), `cut at ${cut}: ${input}`);
  }
});

/** Each is a parser with one leniency that has been somebody's vulnerability. */
const CANARIES: readonly (readonly [string, Reader])[] = [
  ["takes a space before the colon", (input) => readAsWeir(input.replaceAll(/[ \t]+:/g, ":"))],
  ["takes a folded line", (input) => readAsWeir(input.replaceAll(/\r\n[ \t]+/g, " "))],
  ["ignores Transfer-Encoding", (input) => readAsWeir(input.replaceAll("Transfer-", "X-"))],
  ["ignores Content-Length", (input) => readAsWeir(input.replaceAll("Content-Length", "X"))],
  ["drops vertical tabs", (input) => readAsWeir(input.replaceAll("\v", ""))],
];

for (const [leniency, read] of CANARIES) {
  test(`the fuzzer finds a parser that ${leniency}`, async () => {
    const { disagreements } = await findDisagreements(read, 5000, chooseSeed({}));
    assert.notEqual(disagreements.length, 0);
  });
}
