import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBounds, checkEqual } from "../lab/check.ts";
import type { ConcurrencyResult, CounterResult, LimitResult } from "../lab/lab-result.ts";
import { formatLabJson } from "./lab-json.ts";
import { formatExperiment } from "./lab-text.ts";

const plain = { isColored: false };

const concurrency: ConcurrencyResult = {
  name: "concurrency",
  workMs: 500,
  slackMs: 500,
  forms: [
    {
      form: "one at a time",
      workers: 1,
      requests: 10,
      successful: 10,
      totalMs: 5020,
      theoryMs: 5000,
      successfulPerSecond: 1.99,
    },
    {
      form: "concurrent",
      workers: 8,
      requests: 10,
      successful: 10,
      totalMs: 502,
      theoryMs: 500,
      successfulPerSecond: 19.92,
    },
  ],
  checks: [checkEqual("concurrent, successful", 10, 10)],
};

const counter: CounterResult = {
  name: "counter",
  connections: 12,
  runs: [
    { form: "plain read and write", threads: 4, additions: 4000, counted: 1000, lost: 3000 },
    { form: "Atomics.add", threads: 4, additions: 4000, counted: 4000, lost: 0 },
    { form: "weir's hits over HTTP", threads: 8, additions: 2400, counted: 2400, lost: 0 },
  ],
  checks: [],
};

const counts = { sent: 10, admitted: 10, refused: 0, failed: 0, durationMs: 2260 };

const limit: LimitResult = {
  name: "limit",
  limit: 5,
  windowMs: 1000,
  burst: { sent: 200, admitted: 5, refused: 195, failed: 0, durationMs: 80, admittedMax: 5 },
  spaced: { ...counts, gapMs: 250 },
  contest: {
    kind: "measured",
    clients: [
      {
        role: "spamming",
        address: "127.0.0.2",
        connections: 4,
        gapMs: 2,
        sent: 4800,
        admitted: 15,
        refused: 4785,
        failed: 0,
        durationMs: 3000,
        admittedPerSecond: 5,
        refusedPerSecond: 1595,
        admittedWithinWindowMax: 5,
      },
      {
        ...counts,
        role: "polite",
        address: "127.0.0.3",
        connections: 1,
        gapMs: 250,
        admittedPerSecond: 4,
        refusedPerSecond: 0,
        admittedWithinWindowMax: 4,
      },
    ],
  },
  checks: [],
};

test("the experiment of concurrency is a table with theory beside it, and a conclusion", () => {
  assert.equal(
    formatExperiment(concurrency, plain),
    `Concurrency: 10 requests at once, 0.5 s of work each
  form           threads  requests  successful  total time  theory  successful/s
  one at a time        1        10          10      5.02 s   5.0 s          1.99
  concurrent           8        10          10      0.50 s   0.5 s         19.92
  ✓ Expected: 10 × 0.5 s = 5.0 s one at a time and 0.5 s together, at most 0.5 s
    more each. The concurrent form was done 10.0 times as fast.
`,
  );
});

test("the experiment of the counter tells what was lost", () => {
  assert.equal(
    formatExperiment(counter, plain),
    `Counter: threads that add to one number at the same time
  form                   threads  additions  counted   lost
  plain read and write         4      4,000    1,000  3,000
  Atomics.add                  4      4,000    4,000      0
  weir's hits over HTTP        8      2,400    2,400      0
  ✓ Expected: a plain read and write loses what others count in between; an
    atomic addition loses nothing, and neither does weir, whose hits came over
    12 connections. Here the plain form lost 75.0 %.
`,
  );
});

test("a plain counter that lost nothing is called lucky, and is no contradiction", () => {
  const runs = counter.runs.map((run) => ({ ...run, counted: run.additions, lost: 0 }));
  const text = formatExperiment({ ...counter, runs }, plain);
  assert.match(text, /\n {2}✓ Expected/);
  assert.match(text, /This run of the plain form lost none/);
});

test("the experiment of the limit has a table for one client and one for two", () => {
  assert.equal(
    formatExperiment(limit, plain),
    `Limit: 5 requests of one client in any 1 s
  one client    sent  admitted  refused  failed  total time
  all at once    200         5      195       0      0.08 s
  0.25 s apart    10        10        0       0      2.26 s

  two clients    address   sent  admitted/s  refused/s  most in 1 s *
  spamming     127.0.0.2  4,800         5.0     1595.0              5
  polite       127.0.0.3     10         4.0        0.0              4
  * admitted requests that were both sent and answered within one second
  ✓ Expected: 5 of 200 at once pass, and all that keep their distance. A client
    that spams is held to 5 in any second; the polite one beside it is never
    refused.
`,
  );
});

test("without a second address the contest is one line that says why", () => {
  const contest = { kind: "skipped", reason: "skipped: no second address" } as const;
  const text = formatExperiment({ ...limit, contest }, plain);
  assert.match(text, /\n\n {2}two clients: skipped: no second address\n {2}✓/);
  assert.doesNotMatch(text, /spamming|polite/);
});

test("a burst that took longer than a second is expected to pass more", () => {
  const burst = { ...limit.burst, admittedMax: 10, durationMs: 1200 };
  assert.match(formatExperiment({ ...limit, burst }, plain), /at most 10 of 200 pass, as they/);
});

test("each check that does not hold is a line of its own with what was expected", () => {
  const checks = [
    checkEqual("concurrent, successful", 9, 10),
    checkBounds("concurrent, total ms", 1234.5, { atLeast: 490, atMost: 1000 }),
    checkEqual("one at a time, successful", 10, 10),
  ];
  const text = formatExperiment({ ...concurrency, checks }, plain);
  assert.match(text, /^ {2}✗ Expected/m);
  assert.match(text, /^ {2}✗ Contradicted: concurrent, successful: 9, expected 10$/m);
  assert.match(
    text,
    /^ {2}✗ Contradicted: concurrent, total ms: 1,235, expected at least 490 and at most\n {4}1,000$/m,
  );
  assert.equal(text.match(/Contradicted/g)?.length, 2);
});

test("colours are only those of the heading and the mark", () => {
  const [heading, ...rest] = formatExperiment(counter, { isColored: true }).split("\n");
  assert.equal(
    heading,
    "\u001b[1mCounter: threads that add to one number at the same time\u001b[22m",
  );
  const marks = rest.filter((line) => line.includes("\u001b"));
  assert.equal(marks.length, 1);
  assert.ok(marks[0]?.startsWith("\u001b[32m  ✓\u001b[39m Expected: "));
});

test("the JSON names its schema first and holds the experiments by name", () => {
  const facts = {
    machine: { cores: 2, platform: "linux x64", node: "v26.0.0" },
    started: "2026-01-01T00:00:00.000Z",
    finished: "2026-01-01T00:00:10.000Z",
  };
  const json = formatLabJson({ ...facts, experiments: [counter, limit] });
  assert.ok(json.startsWith('{\n  "schema": "weir-lab/1",'));
  const { name: _counter, ...counterFigures } = counter;
  const { name: _limit, ...limitFigures } = limit;
  assert.deepEqual(JSON.parse(json), {
    schema: "weir-lab/1",
    ...facts,
    experiments: { counter: counterFigures, limit: limitFigures },
  });
});
