import assert from "node:assert/strict";
import { test } from "node:test";
import {
  concurrencyResult as concurrency,
  counterResult as counter,
  limitResult as limit,
} from "../../../test/fixtures/lab-results.ts";
import { checkBounds, checkEqual } from "../result.ts";
import { formatExperiment, formatLabJson } from "./text.ts";

const plain = { isColored: false };

test("the concurrency experiment is a table with theory next to it, and a conclusion", () => {
  assert.equal(
    formatExperiment(concurrency, plain),
    `Concurrency: requests that come at once, 0.5 s of work each
  requests  one at a time  theory   /s  concurrent  theory    /s  faster
  1                0.52 s   0.5 s  1.9      0.52 s   0.5 s   1.9     1.0
  2                1.02 s   1.0 s  2.0      0.52 s   0.5 s   3.8     2.0
  5                2.52 s   2.5 s  2.0      0.52 s   0.5 s   9.6     4.8
  10               5.02 s   5.0 s  2.0      0.52 s   0.5 s  19.2     9.7
  20              10.02 s  10.0 s  2.0      0.52 s   0.5 s  38.5    19.3
  50              25.02 s  25.0 s  2.0      0.52 s   0.5 s  96.2    48.1
  /s: successful requests a second; faster: so many times as fast together
  ✓ Expected: 10 × 0.5 s = 5.0 s one at a time and 0.5 s together, and so on; at
    most 0.5 s and 10 % more each.
`,
  );
});

test("the experiment of the counter tells what was lost", () => {
  assert.equal(
    formatExperiment(counter, plain),
    `Counter: threads that add to one number at the same time
  threads  additions  plain: lost  share  atomic: lost
  1        1,000,000            0    0 %             0
  2        2,000,000      900,000   45 %             0
  4        4,000,000    3,000,000   75 %             0
  8        8,000,000    6,400,000   80 %             0
  weir's hits over HTTP: 2,400 from 12 connections, counted 2,400, lost 0
  ✓ Expected: a plain read and write loses what others count in between; an
    atomic addition loses nothing, and neither does weir. Here the plain form
    lost up to 80 %.
`,
  );
});

test("a plain counter that lost nothing is called lucky, and is no contradiction", () => {
  const runs = counter.runs.map((run) => ({ ...run, counted: run.additions, lost: 0 }));
  const text = formatExperiment({ ...counter, runs }, plain);
  assert.match(text, /\n {2}✓ Expected/);
  assert.match(text.replaceAll(/\s+/g, " "), /This run of the plain form lost none/);
});

test("the experiment of the limit has a table for one client and one for two", () => {
  assert.equal(
    formatExperiment(limit, plain),
    `Limit: 5 requests of one client in any 1 s
  one client            sent  admitted  theory  refused  failed  total time
  all at once            200         5       5      195       0      0.08 s
  0.25 s apart            10        10      10        0       0      2.26 s
  0.21 s apart (under)    18        18      18        0       0      3.59 s
  0.19 s apart (over)     18        15      15        3       0      3.23 s

  two clients    address   sent  admitted/s  refused/s  most in 1 s *
  spamming     127.0.0.2  4,800         5.0     1595.0              5
  polite       127.0.0.3     10         4.0        0.0              4
  * admitted requests that were both sent and answered within one second
  ✓ Expected: 5 of 200 at once pass; all that keep their distance; not all that
    come a bit sooner. A client that spams is held to 5 in any second; the
    polite one next to it is never refused.
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
