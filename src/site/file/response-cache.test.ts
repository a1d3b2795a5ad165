import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../../test/fixtures/request-head.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { ASKED_OFTEN, CACHED_MS, type CachedAnswer, ResponseCache } from "./response-cache.ts";

const KIB = 1024;

function requestHead(rawTarget: string, fields: Record<string, string> = {}): RequestHead {
  const [rawPath = "", rawQuery] = rawTarget.split("?");
  return { ...makeHead(fields), rawTarget, target: { rawPath, rawQuery } };
}

function answerOf(text: string, status = 200): CachedAnswer {
  const reply: Reply = { status, fields: [], body: { kind: "bytes", bytes: Buffer.from(text) } };
  return { kind: "file", reply, hitPath: "/a", isRepeatable: true };
}

/** The text of the answer that is found; undefined when none is. */
function find(files: ResponseCache, head: RequestHead, nowMs: number): string | undefined {
  const body = files.find(head, nowMs)?.reply.body;
  return body?.kind === "bytes" ? body.bytes.toString() : undefined;
}

function ask(files: ResponseCache, head: RequestHead, times: number, nowMs: number): number[] {
  return Array.from({ length: times }, () => files.bodyBytesMax(head, nowMs));
}

test("an answer is worth keeping once it was asked for often within a second", () => {
  const files = new ResponseCache();
  const head = requestHead("/a");
  assert.deepEqual(ask(files, head, ASKED_OFTEN, 0), Array(ASKED_OFTEN).fill(0));
  assert.ok(files.bodyBytesMax(head, CACHED_MS - 1) > 0);
});

test("requests of an earlier second do not count", () => {
  const files = new ResponseCache();
  const head = requestHead("/a");
  ask(files, head, ASKED_OFTEN, 0);
  assert.deepEqual(ask(files, head, ASKED_OFTEN, CACHED_MS), Array(ASKED_OFTEN).fill(0));
});

test("an answer holds for a second, and is worth keeping again when it was used", () => {
  const files = new ResponseCache();
  const head = requestHead("/a");
  files.keep(head, 0, answerOf("one"));
  for (let use = 0; use < ASKED_OFTEN; use++) assert.equal(find(files, head, CACHED_MS - 1), "one");
  assert.equal(find(files, head, CACHED_MS), undefined);
  assert.ok(files.bodyBytesMax(head, CACHED_MS) > 0);
  files.keep(head, CACHED_MS, answerOf("two"));
  assert.equal(find(files, head, CACHED_MS + 1), "two");
});

const CHOICES: readonly Record<string, string>[] = [
  {},
  { "accept-encoding": "gzip" },
  { "accept-encoding": "gzip", "if-none-match": '"a"' },
  { "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" },
];

test("each choice of a representation has its own answer", () => {
  const files = new ResponseCache();
  for (const [index, fields] of CHOICES.entries()) {
    files.keep(requestHead("/a", fields), 0, answerOf(String(index)));
  }
  for (const [index, fields] of CHOICES.entries()) {
    const more = { ...fields, "user-agent": "another" };
    assert.equal(find(files, requestHead("/a", more), 1), String(index));
  }
  assert.equal(find(files, requestHead("/a", { "accept-encoding": "br" }), 1), undefined);
});

for (const name of ["range", "if-range", "if-match", "if-unmodified-since"]) {
  test(`a request with ${name} gets an answer of its own`, () => {
    const files = new ResponseCache();
    const head = requestHead("/a", { [name]: "x" });
    files.keep(requestHead("/a"), 0, answerOf("whole"));
    assert.equal(find(files, head, 1), undefined);
    assert.deepEqual(ask(files, head, 2 * ASKED_OFTEN, 1), Array(2 * ASKED_OFTEN).fill(0));
  });
}

test("only GET is answered so, and another path is another answer", () => {
  const files = new ResponseCache();
  files.keep(requestHead("/a"), 0, answerOf("a"));
  assert.equal(find(files, { ...requestHead("/a"), method: "HEAD" }, 1), undefined);
  assert.equal(find(files, requestHead("/b"), 1), undefined);
});

test("the query is no part of the file's name", () => {
  const files = new ResponseCache();
  files.keep(requestHead("/a?v=1"), 0, answerOf("a"));
  assert.equal(find(files, requestHead("/a?v=2"), 1), "a");
});

test("never more bytes than may be: the oldest go first, and what is too large is not kept", () => {
  const files = new ResponseCache({ bytesMax: 100 * KIB });
  files.keep(requestHead("/large"), 0, answerOf("x".repeat(101 * KIB)));
  assert.equal(find(files, requestHead("/large"), 1), undefined);
  for (const name of ["/1", "/2", "/3", "/4"]) {
    files.keep(requestHead(name), 0, answerOf("x".repeat(16 * KIB)));
  }
  const kept = ["/1", "/2", "/3", "/4"].filter((name) => files.find(requestHead(name), 1));
  assert.deepEqual(kept, ["/3", "/4"]);
});

test("what is over is let go, and makes room", () => {
  const files = new ResponseCache({ bytesMax: 100 * KIB });
  for (const name of ["/1", "/2"]) files.keep(requestHead(name), 0, answerOf("x".repeat(16 * KIB)));
  files.keep(requestHead("/3"), CACHED_MS / 2, answerOf("x"));
  files.forget(CACHED_MS + 1);
  files.keep(requestHead("/4"), CACHED_MS + 1, answerOf("x".repeat(40 * KIB)));
  assert.equal(find(files, requestHead("/3"), CACHED_MS + 2), "x");
});

test("a folder of answers under random use never holds one that is over [seed 1]", () => {
  const files = new ResponseCache({ bytesMax: 200 * KIB });
  let state = 1;
  const random = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  const madeMs = new Map<string, number>();
  for (let nowMs = 0; nowMs < 20_000; nowMs += random(40)) {
    const path = `/${random(30)}`;
    const found = find(files, requestHead(path), nowMs);
    if (found !== undefined) {
      assert.equal(Number.parseInt(found, 10), madeMs.get(path));
      assert.ok(Number.parseInt(found, 10) > nowMs - CACHED_MS);
    } else {
      files.keep(requestHead(path), nowMs, answerOf(`${nowMs} ${"x".repeat(random(8 * KIB))}`));
      madeMs.set(path, nowMs);
    }
    if (random(10) === 0) files.forget(nowMs);
  }
});

test("a long spelling of a path is not counted: strangers make up any number of them", () => {
  const files = new ResponseCache();
  const head = requestHead(`/${"./".repeat(300)}a`);
  assert.deepEqual(ask(files, head, ASKED_OFTEN * 2, 0), Array(ASKED_OFTEN * 2).fill(0));
});
