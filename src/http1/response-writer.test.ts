import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingSource } from "../../test/fixtures/counting-source.ts";
import { MemoryConnection, request } from "../../test/fixtures/memory-connection.ts";
import type { Reply } from "../http/reply.ts";
import { PIECE_BYTES_MAX as pieceBytes } from "../transport/send-memory.ts";

/** Lengths at the edges of a piece, which holds the head too when it is the first. */
const LENGTHS = [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes + 7];

for (const lengthBytes of LENGTHS) {
  test(`a source arrives whole and is closed once [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    const memory = new MemoryConnection(() => source.reply());
    await memory.send(request("/"));
    assert.ok(memory.responses()[0]?.body.equals(source.bytes));
    assert.equal(source.closedCount, 1);
    assert.equal(memory.finished[0]?.sent?.bodyBytes, lengthBytes);
  });
}

test("only the part asked for is sent [100 bytes from 70,000]", async () => {
  const source = new CountingSource(200_000);
  const memory = new MemoryConnection(() => source.reply(70_000, 100));
  await memory.send(request("/"));
  assert.ok(memory.responses()[0]?.body.equals(source.bytes.subarray(70_000, 70_100)));
});

test("a source that gives little at a time arrives whole [7 bytes a read]", async () => {
  const source = new CountingSource(1000);
  const read = source.read.bind(source);
  source.read = (into, position) => read(into.subarray(0, 7), position);
  const memory = new MemoryConnection(() => source.reply());
  await memory.send(request("/"));
  while (memory.finished.length === 0) await memory.settle();
  await memory.settle();
  assert.ok(memory.responses()[0]?.body.equals(source.bytes));
});

/** A mishap of a source of four pieces, and how the client learns of it. */
const BROKEN: readonly (readonly [string, (source: CountingSource) => void, "status" | "cut"])[] = [
  [
    "that breaks at once",
    (source) => {
      source.brokenAt = 0;
    },
    "status",
  ],
  [
    "that breaks later",
    (source) => {
      source.brokenAt = 3 * pieceBytes;
    },
    "cut",
  ],
  [
    "that is cut short before it is read",
    (source) => {
      source.endsAt = 10;
    },
    "status",
  ],
  [
    "that is cut short while it is sent",
    (source) => {
      source.endsAt = 3 * pieceBytes + 1;
    },
    "cut",
  ],
  [
    "that is written to while it is sent",
    (source) => {
      source.hasChanged = true;
    },
    "cut",
  ],
  [
    "that fails when it is asked whether it has changed",
    (source) => {
      source.isUnchanged = () => {
        throw new Error("the disk is gone");
      };
    },
    "cut",
  ],
];

for (const [what, happen, outcome] of BROKEN) {
  test(`a source ${what} ${outcome === "status" ? "gets an honest status" : "never seems complete"}`, async () => {
    const source = new CountingSource(4 * pieceBytes);
    happen(source);
    const memory = new MemoryConnection(() => source.reply());
    await memory.send(request("/") + request("/"));
    assert.ok(source.closedCount >= 1);
    if (outcome === "status") {
      assert.equal(memory.responses()[0]?.status, 500);
      return;
    }
    assert.throws(() => memory.responses(), /in the middle of a response/);
    assert.equal(source.closedCount, 1);
    assert.equal(memory.closedCount, 1);
    assert.deepEqual(
      memory.finished.map(({ sent }) => sent?.isComplete),
      [false],
    );
  });
}

test("parts are chunks, without one for an empty part", async () => {
  const parts = ["a", "", "\u00fc".repeat(20_000), "b"];
  const memory = new MemoryConnection(
    (): Reply => ({ status: 200, fields: [], body: { kind: "parts", parts } }),
  );
  await memory.send(request("/1") + request("/2"));
  const [first, second] = memory.responses();
  assert.equal(first?.body.toString(), parts.join(""));
  assert.ok(second?.body.equals(first?.body ?? Buffer.alloc(0)));
  assert.equal(memory.finished[0]?.sent?.bodyBytes, 40_002);
});

test("parts may be bytes, which arrive as they are [f\u00fcr in Latin-1, none, half a megabyte]", async () => {
  const bytes = Buffer.alloc(500_000, "\xff\r\n0\r\n\r\n", "latin1");
  const parts = [Buffer.from("f\xfcr", "latin1"), Buffer.alloc(0), bytes, "f\u00fcr"];
  const memory = new MemoryConnection(
    (): Reply => ({ status: 200, fields: [], body: { kind: "parts", parts } }),
  );
  await memory.send(request("/"));
  const expected = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
  assert.ok(memory.responses()[0]?.body.equals(expected));
  assert.equal(memory.finished[0]?.sent?.bodyBytes, expected.length);
});

function* failAt(failIndex: number): Generator<string> {
  for (let index = 0; index < 3; index++) {
    if (index === failIndex) throw new Error("no more");
    yield "part";
  }
}

test("parts that fail at once get an honest status, parts that fail later never seem complete", async () => {
  const replyOf = (failIndex: number) => (): Reply => ({
    status: 200,
    fields: [],
    body: { kind: "parts", parts: failAt(failIndex) },
  });
  const atOnce = new MemoryConnection(replyOf(0));
  await atOnce.send(request("/"));
  assert.equal(atOnce.responses()[0]?.status, 500);
  const later = new MemoryConnection(replyOf(2));
  await later.send(request("/"));
  assert.throws(() => later.responses(), /in the middle of a response/);
});

for (const status of [204, 304]) {
  test(`RFC 9110 §8.6: a ${status} has neither body nor length, whatever the reply holds`, async () => {
    const source = new CountingSource(5);
    const bytes = Buffer.from("body");
    const bodies: Reply["body"][] = [source.reply().body, { kind: "bytes", bytes }];
    const memory = new MemoryConnection(() => ({ status, fields: [], body: bodies.shift()! }));
    await memory.send(request("/1") + request("/2"));
    for (const response of memory.responses()) {
      assert.equal(response.body.length, 0);
      assert.equal(response.fields.has("content-length"), false);
    }
    assert.equal(memory.finished.length, 2);
    assert.equal(source.closedCount, 1);
  });
}
