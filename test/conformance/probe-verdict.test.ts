import assert from "node:assert/strict";
import { test } from "node:test";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import type { SequenceProbe, SingleProbe } from "./corpora.ts";
import {
  isClearAtOnce,
  isForFileServers,
  judgeProbe,
  judgeSequence,
  type StepObservation,
} from "./probe-verdict.ts";

const NOTHING = { Pass: [], Warn: [], Fail: [] };

/** A probe that passes with 400, or with 0 and a close, and warns with 200. */
function rejectProbe(id = "MAL-X"): SingleProbe {
  const row = { Pass: [400], Warn: [200], Fail: [0, 405] };
  return {
    ...{ id, suite: "MalformedInput", desc: "", expected: "", kind: "single", payload_b64: "" },
    verdict: { Open: row, TimedOut: row, ClosedByServer: { ...row, Pass: [0, 400] } },
  };
}

function acceptProbe(id = "COMP-X"): SingleProbe {
  const row = { Pass: [200], Warn: [], Fail: [] };
  return { ...rejectProbe(id), verdict: { Open: row, ClosedByServer: row, TimedOut: NOTHING } };
}

function sequence(expected: string): SequenceProbe {
  return { id: "SMUG-X", suite: "Smuggling", desc: "", expected, kind: "sequence", steps: [] };
}

function respond(status: number, fields = ""): RawResponse {
  const bytes = Buffer.from(`HTTP/1.1 ${status} x\r\n${fields}\r\n`);
  return splitResponses(bytes, { ended: true }).responses[0]!;
}

function step(statuses: readonly number[], isClosed: boolean): StepObservation {
  return { isSent: true, statuses, isClosed };
}

test("a probe is judged by the row of the connection's state [no answer, closed and timed out]", () => {
  const judge = (state: "ClosedByServer" | "TimedOut"): string =>
    judgeProbe(rejectProbe(), "GET / HTTP/1.1\r\n", { response: undefined, state });
  assert.equal(judge("ClosedByServer"), "pass");
  assert.equal(judge("TimedOut"), "fail");
});

test("a refusal that closes passes where a 400 would [431, 405, 505], and a 500 or 302 never", () => {
  for (const status of [431, 405, 505, 501]) {
    const response = respond(status);
    const judge = (state: "Open" | "ClosedByServer"): string =>
      judgeProbe(rejectProbe(), "GET / HTTP/1.1\r\n", { response, state });
    assert.equal(judge("ClosedByServer"), "pass", `${status}`);
    assert.equal(judge("Open"), "fail", `${status}`);
  }
  for (const status of [500, 503, 302]) {
    const observation = { response: respond(status), state: "ClosedByServer" } as const;
    assert.equal(judgeProbe(rejectProbe(), "GET / HTTP/1.1\r\n", observation), "fail");
  }
});

test("a refusal of a good GET fails although it closes, one of a POST does not [400, 405]", () => {
  for (const status of [400, 405]) {
    const observation = { response: respond(status), state: "ClosedByServer" } as const;
    assert.equal(judgeProbe(acceptProbe(), "GET / HTTP/1.1\r\n", observation), "fail");
    assert.equal(judgeProbe(acceptProbe(), "POST / HTTP/1.1\r\n", observation), "pass");
  }
});

test("a probe of a field looks at the field [Date, Allow, Content-Length in a 204]", () => {
  const judge = (id: string, response: RawResponse): string =>
    judgeProbe(acceptProbe(id), "GET / HTTP/1.1\r\n", { response, state: "Open" });
  const date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  assert.equal(judge("COMP-DATE-FORMAT", respond(200, date)), "pass");
  assert.equal(judge("COMP-DATE-FORMAT", respond(200, "Date: 1994-11-06\r\n")), "fail");
  assert.equal(judge("COMP-DATE-HEADER", respond(200)), "fail");
  assert.equal(judge("COMP-405-ALLOW", respond(405, "Allow: GET\r\n")), "pass");
  assert.equal(judge("COMP-405-ALLOW", respond(405)), "fail");
  assert.equal(judge("COMP-405-ALLOW", respond(400)), "warn");
  assert.equal(judge("COMP-NO-CL-IN-204", respond(204)), "pass");
});

test("an answer is clear at once where a close would change nothing [400, and 405 to a POST]", () => {
  assert.equal(isClearAtOnce(rejectProbe(), "POST / HTTP/1.1\r\n", respond(400)), true);
  assert.equal(isClearAtOnce(rejectProbe(), "POST / HTTP/1.1\r\n", respond(405)), false);
});

test("probes that want a POST accepted or echoed are left out, those that want it refused are not", () => {
  assert.equal(isForFileServers(acceptProbe(), "POST / HTTP/1.1\r\n"), false);
  assert.equal(isForFileServers(rejectProbe(), "POST /echo HTTP/1.1\r\n"), false);
  assert.equal(isForFileServers(rejectProbe(), "POST / HTTP/1.1\r\n"), true);
  assert.equal(isForFileServers(acceptProbe(), "GET / HTTP/1.1\r\n"), true);
  assert.equal(
    isForFileServers({ ...acceptProbe(), suite: "Cookie" }, "GET / HTTP/1.1\r\n"),
    false,
  );
});

test("a sequence fails with an answer too many, also where it closed [2 answers to 1 request]", () => {
  const probe = sequence("400, or close (no extra response)");
  assert.equal(judgeSequence(probe, [step([405, 200], true)]), "fail");
  assert.equal(judgeSequence(probe, [step([405], true)]), "pass");
  assert.equal(judgeSequence(probe, [step([400], false)]), "pass");
  assert.equal(judgeSequence(probe, [step([405], false)]), "fail");
});

test("a follow-up that was poisoned only warns where the corpus says so [GET with a body]", () => {
  const probe = sequence("400/close/pass-through; poisoned follow-up = warn");
  assert.equal(judgeSequence(probe, [step([200], false), step([400], true)]), "warn");
  assert.equal(judgeSequence(probe, [step([200], false), step([200], false)]), "pass");
  const strict = sequence("400, or 2xx + close");
  assert.equal(judgeSequence(strict, [step([200], false), step([200], false)]), "fail");
});

test("two good requests on one connection want two answers [2xx + 2xx]", () => {
  const probe = sequence("2xx + 2xx");
  assert.equal(judgeSequence(probe, [step([200], false), step([200], false)]), "pass");
  assert.equal(judgeSequence(probe, [step([200], true), step([], true)]), "warn");
  assert.equal(judgeSequence(probe, [step([400], true), step([], true)]), "fail");
});
