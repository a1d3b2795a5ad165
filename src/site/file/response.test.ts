import assert from "node:assert/strict";
import { test } from "node:test";
import { parseByteRanges } from "../../../test/fixtures/byte-ranges.ts";
import { CountingSource } from "../../../test/fixtures/counting-source.ts";

import { makeHead } from "../../../test/fixtures/request-head.ts";
import { formatHttpDate } from "../../http/field-values.ts";
import type { Reply } from "../../http/reply.ts";
import type { FieldName } from "../../http/request.ts";
import { formatFields } from "../../http1/response-head.ts";
import type { Representation } from "./representation.ts";
import { respondWithFile } from "./response.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const MODIFIED_MS = Date.UTC(2026, 10, 1, 9, 30, 15, 700);
const SIZE = 5000;
const SAME_DATE = "Sun, 01 Nov 2026 09:30:15 GMT";
const LATER_DATE = "Sun, 01 Nov 2026 09:30:16 GMT";

const PLAIN = {
  sizeBytes: SIZE,
  etag: '"tag"',
  dating: "exact",
  modifiedMs: MODIFIED_MS,
  contentType: "text/plain; charset=utf-8",
  coding: undefined,
  varies: true,
} as const;
const CODED = { ...PLAIN, etag: '"tag-br"', coding: "br" } as const;

type Fields = Partial<Record<FieldName, string>>;

interface Responded {
  readonly source: CountingSource;
  readonly status: number;
  readonly fields: string;
  readonly reply: Reply | undefined;
}

function respond(
  fields: Fields,
  facts: Omit<Representation, "source"> = PLAIN,
  { method = "GET", cacheControl = undefined as string | undefined } = {},
): Responded {
  const source = new CountingSource(facts.sizeBytes);
  const head = makeHead(fields, method);
  const response = respondWithFile(head, { ...facts, source }, NOW_MS, cacheControl);
  if (response.kind === "error") {
    const { status, fields: ofError = [] } = response;
    return { source, status, fields: formatFields(ofError), reply: undefined };
  }
  const { reply } = response;
  return { source, reply, status: reply.status, fields: formatFields(reply.fields) };
}

const VALIDATORS = [
  `Last-Modified: ${SAME_DATE}`,
  "Vary: Accept-Encoding",
  "Cache-Control: no-cache",
];

test("200: the type, the validators, the coding, and the whole source, still open", () => {
  const { source, reply, fields } = respond({}, CODED);
  const lines = [
    "Content-Type: text/plain; charset=utf-8",
    'ETag: "tag-br"',
    ...VALIDATORS,
    "Content-Encoding: br",
    "Accept-Ranges: bytes",
  ];
  assert.equal(fields, `${lines.join("\r\n")}\r\n`);
  const body = { kind: "source", source, offsetBytes: 0, lengthBytes: SIZE };
  assert.deepEqual([reply?.status, reply?.body], [200, body]);
  assert.equal(source.closedCount, 0);
});

test("without a coding there is no Content-Encoding, and no Vary where nothing varies", () => {
  const { fields } = respond({}, { ...PLAIN, varies: false });
  assert.doesNotMatch(fields, /Content-Encoding|Vary/);
});

test("another Cache-Control takes the place of ours, in a 304 too [max-age=60]", () => {
  const options = { cacheControl: "max-age=60" };
  for (const fields of [{}, { "if-none-match": "*" }]) {
    const response = respond(fields, PLAIN, options);
    assert.deepEqual(response.fields.match(/Cache-Control: .*/g), ["Cache-Control: max-age=60"]);
  }
});

test("RFC 9110 §15.4.5: a 304 has the validators and nothing of the body; its source is closed", () => {
  for (const fields of [{ "if-none-match": '"tag-br"' }, { "if-modified-since": SAME_DATE }]) {
    const { status, fields: lines, reply, source } = respond(fields, CODED);
    assert.equal(status, 304);
    assert.equal(lines, `${['ETag: "tag-br"', ...VALIDATORS].join("\r\n")}\r\n`);
    assert.deepEqual(reply?.body, { kind: "none" });
    assert.equal(source.closedCount, 1);
  }
});

test("the tag of one representation is not that of another [If-None-Match of the plain one]", () => {
  assert.equal(respond({ "if-none-match": '"tag"' }, CODED).status, 200);
  assert.equal(respond({ "if-none-match": '"tag-br"' }, PLAIN).status, 200);
  assert.equal(respond({ "if-none-match": '"tag", "tag-br"' }, CODED).status, 304);
});

test("412 closes the source", () => {
  const { status, fields, source } = respond({ "if-match": '"other"' });
  assert.equal(status, 412);
  assert.equal(fields, "");
  assert.equal(source.closedCount, 1);
});

for (const range of [`bytes=${SIZE}-`, "bytes=-0", "bytes=9000-9001,8000-"]) {
  test(`416 says how long the file is, and closes the source [${range}]`, () => {
    const { status, fields, source } = respond({ range }, CODED);
    assert.equal(status, 416);
    assert.equal(fields, `Content-Range: bytes */${SIZE}\r\n`);
    assert.equal(source.closedCount, 1);
  });
}

test("206 of one range: its place, and all that a 200 says but the length [bytes=10-19]", () => {
  const { status, fields, reply, source } = respond({ range: "bytes=10-19" }, CODED);
  assert.equal(status, 206);
  assert.equal(fields, `${respond({}, CODED).fields}Content-Range: bytes 10-19/${SIZE}\r\n`);
  assert.deepEqual(reply?.body, { kind: "source", source, offsetBytes: 10, lengthBytes: 10 });
  assert.equal(source.closedCount, 0);
});

test("RFC 9110 §15.3.7.2: 206 of several has the type in its parts, and no Content-Range", async () => {
  const { status, fields, reply, source } = respond({ range: "bytes=2000-2001,0-4" });
  assert.equal(status, 206);
  assert.doesNotMatch(fields, /Content-Range/);
  const [, contentType = ""] = /^Content-Type: (.*)\r\n/.exec(fields) ?? [];
  assert.equal(fields.match(/Content-Type/g)?.length, 1);
  assert.match(fields, /\r\nETag: "tag"\r\n.*Vary: Accept-Encoding\r\n/s);
  assert.ok(reply?.body.kind === "source");
  const body = Buffer.alloc(reply.body.lengthBytes);
  for (let at = 0; at < body.length; ) at += await reply.body.source.read(body.subarray(at), at);
  assert.deepEqual(
    parseByteRanges(contentType, body).map((part) => [
      part.contentType,
      part.offsetBytes,
      part.bytes,
    ]),
    [
      [PLAIN.contentType, 2000, source.bytes.subarray(2000, 2002)],
      [PLAIN.contentType, 0, source.bytes.subarray(0, 5)],
    ],
  );
  reply.body.source.close();
  assert.equal(source.closedCount, 1);
});

test("no two answers have the same boundary", () => {
  const types = [1, 2].map(() => respond({ range: "bytes=0-0,2000-2000" }).fields.split("\r\n")[0]);
  assert.notEqual(types[0], types[1]);
});

test("RFC 9110 §14.2: HEAD has no ranges, satisfiable or not", () => {
  for (const range of ["bytes=0-1", "bytes=0-1,2000-2001", `bytes=${SIZE}-`]) {
    const { status, fields } = respond({ range }, PLAIN, { method: "HEAD" });
    assert.equal(status, 200);
    assert.equal(fields, respond({}).fields);
  }
});

/** If-Range, and whether the range counts. */
const IF_RANGES: readonly (readonly [string, Omit<Representation, "source">, boolean])[] = [
  ['"tag"', PLAIN, true],
  ['"tag-br"', CODED, true],
  ['"tag"', CODED, false],
  ['"tag-br"', PLAIN, false],
  ['W/"tag"', PLAIN, false],
  ['"other"', PLAIN, false],
  ['"tag", "tag"', PLAIN, false],
  ["*", PLAIN, false],
  ["tag", PLAIN, false],
  [SAME_DATE, PLAIN, true],
  [LATER_DATE, PLAIN, false],
  ["Sun, 01 Nov 2026 09:30:14 GMT", PLAIN, false],
  ["yesterday", PLAIN, false],
  // §8.8.2.2: changed in this very second, it may change again within it.
  [formatHttpDate(NOW_MS), { ...PLAIN, modifiedMs: NOW_MS }, false],
];

for (const [ifRange, facts, counts] of IF_RANGES) {
  const of = facts.coding ?? "the plain bytes";
  test(`RFC 9110 §13.1.5: If-Range [${ifRange}] of ${of} ${counts ? "keeps" : "drops"} the range`, () => {
    const kept = respond({ range: "bytes=0-1", "if-range": ifRange }, facts);
    assert.equal(kept.status, counts ? 206 : 200);
    // What would be a 416 is the whole when the condition fails.
    const beyond = respond({ range: `bytes=${SIZE}-`, "if-range": ifRange }, facts);
    assert.equal(beyond.status, counts ? 416 : 200);
  });
}

test("conditions come before ranges [If-None-Match and a range beyond the file]", () => {
  const fields = { "if-none-match": '"tag"', range: `bytes=${SIZE}-` };
  assert.equal(respond(fields).status, 304);
  assert.equal(respond({ ...fields, "if-none-match": '"other"' }).status, 416);
});

test("RFC 9110 §8.8.2.1: a file from the future was modified now, and never seems unchanged", () => {
  const facts = { ...PLAIN, modifiedMs: NOW_MS + 3_600_000 };
  const now = formatHttpDate(NOW_MS);
  assert.match(respond({}, facts).fields, new RegExp(`Last-Modified: ${now}\r\n`));
  assert.equal(respond({ "if-modified-since": now }, facts).status, 200);
});

test("an empty file is a 200 without bytes, and no range lies in it", () => {
  const empty = { ...PLAIN, sizeBytes: 0 };
  const { status, reply } = respond({}, empty);
  assert.equal(status, 200);
  assert.ok(reply?.body.kind === "source" && reply.body.lengthBytes === 0);
  assert.equal(respond({ range: "bytes=0-" }, empty).status, 416);
});

test("1,000 ranges get the whole file", () => {
  const range = `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join(",")}`;
  assert.equal(respond({ range }).status, 200);
});
