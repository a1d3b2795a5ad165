import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonLine } from "../fixtures/log-lines.ts";
import { compareCounts } from "./count-comparison.ts";
import type { SentRequest } from "./proxy-config.ts";

function sent(target: string, isCertain = true): SentRequest {
  return { method: "GET", target, isCertain };
}

function answered(target: string | null): JsonLine {
  const method = target === null ? null : "GET";
  const facts = { time: "", address: "127.0.0.1", status: 200 };
  return { ...facts, method, target, limit: "none", limit_remaining: null };
}

test("a request that only weir has read is found, also where its target was sent once", () => {
  const { unsent } = compareCounts([sent("/a")], [answered("/a"), answered("/a"), answered("/b")]);
  assert.deepEqual(unsent, ["GET /a", "GET /b"]);
});

test("what weir could not read counts in the sum, and its request is not named", () => {
  const counts = compareCounts([sent("/a"), sent("/b", false)], [answered(null)]);
  assert.deepEqual(counts.unsent, []);
  assert.deepEqual(counts.unnamed, ["GET /a", "GET /b"]);
  assert.deepEqual([counts.answeredCount, counts.sentMin, counts.sentMax], [1, 1, 2]);
});

test("one target in two forms is one [absolute, escaped, no text]", () => {
  const forms = [
    ["http://host/a?b", "/a?b"],
    ["http://host", "/"],
    ["/caf\u00c3\u00a9", "/caf%C3%A9"],
    ["/a\\\\b", "/a%5Cb"],
  ];
  for (const [one = "", other = ""] of forms) {
    assert.deepEqual(compareCounts([sent(one)], [answered(other)]).unsent, [], one);
  }
  assert.deepEqual(compareCounts([sent("/a")], [answered("/a%20b")]).unsent, ["GET /a?b"]);
});
