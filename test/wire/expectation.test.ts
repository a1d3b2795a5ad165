import assert from "node:assert/strict";
import { test } from "node:test";
import { splitResponses } from "../fixtures/raw-response.ts";
import { findFaults, parseExpectations } from "./expectation.ts";

const DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
const OK = `HTTP/1.1 200 OK\r\n${DATE}ETag: "1"\r\nContent-Length: 2\r\n\r\nhi`;
const LAST = `HTTP/1.1 400 Bad Request\r\n${DATE}Connection: close\r\nContent-Length: 0\r\n\r\n`;

/** The mistakes in the answers of `received`, by the lines of an expect block. */
function faultsOf(received: string, ...lines: string[]): string[] {
  const { answers, end } = parseExpectations(lines);
  const { responses } = splitResponses(Buffer.from(received, "latin1"), {
    methods: answers.map(({ method }) => method),
    ended: end === "closed",
  });
  return findFaults(answers, end, responses);
}

test("answers that are as expected have no fault [every kind of line]", () => {
  const faults = faultsOf(
    OK + OK + LAST,
    ...["status: 200", 'field ETag: "1"', "field date: *", "field-matches etag: ^.\\d.$"],
    ...["absent location", "body: hi", "body-bytes: 2", "body-contains: h", "body-lacks: x"],
    ...["status: 200", "fields-as: 1", "status: 400", "body:", "connection: closed"],
  );
  assert.deepEqual(faults, []);
});

const FAULTS: readonly [string, string, RegExp][] = [
  ['field etag: "2"', OK, /"field etag: "2"": it is ""1""/],
  ["field location: *", OK, /there is no such field/],
  ["field-matches etag: ^x", OK, /it is ""1""/],
  ["absent etag", OK, /it is ""1""/],
  ["body: ho", OK, /it is "hi"/],
  ["body-bytes: 3", OK, /it has 2/],
  ["body-contains: x", OK, /it is "hi"/],
  ["body-lacks: i", OK, /it is "hi"/],
  ["fields-as: 2", OK, /there is no such answer/],
  ["fields-as: 2", OK + OK.replace('"1"', '"2"'), /here .*, there /],
];

for (const [line, received, fault] of FAULTS) {
  test(`an answer that is not so is a fault [${line}]`, () => {
    assert.match(faultsOf(received, "status: 200", line, "connection: open").join("\n"), fault);
  });
}

test("another status, and an answer more or less, are faults", () => {
  assert.match(faultsOf(OK, "status: 404", "connection: open").join(), /it is 200 OK/);
  assert.match(
    faultsOf(OK + OK, "status: 200", "connection: open").join(),
    /1 answers expected, 2 came/,
  );
  assert.match(
    faultsOf("", "status: 200", "connection: open").join(),
    /1 answers expected, 0 came/,
  );
});

const GENERAL: readonly [string, string, RegExp][] = [
  ["no Date", OK.replace(DATE, ""), /no Date/],
  ["the version 1.0", OK.replace("1.1", "1.0"), /its version is HTTP\/1\.0/],
  ["Connection: close while the connection is open", LAST, /and is not the last one/],
];

for (const [name, received, fault] of GENERAL) {
  test(`what no page says is checked too [${name}]`, () => {
    const status = `status: ${received.slice(9, 12)}`;
    assert.match(faultsOf(received, status, "connection: open").join("\n"), fault);
  });
}

test("a last answer without Connection: close, and one without a length, are faults", () => {
  assert.match(faultsOf(OK, "status: 200", "connection: closed").join(), /does not say Connection/);
  const endless = OK.replace("Content-Length: 2\r\n", "Connection: close\r\n");
  assert.match(faultsOf(endless, "status: 200", "connection: closed").join(), /no Content-Length/);
});

const UNREADABLE: readonly string[][] = [
  ["status: 200"],
  ["status: 20", "connection: open"],
  ["body: a", "connection: open"],
  ["status: 200", "connection: half"],
  ["status: 200", "connection: open", "body: a"],
  ["status: 200", "fields: a", "connection: open"],
  ["status: 200", "field etag", "connection: open"],
  ["status: 200", "field: a", "connection: open"],
  ["status: 200", "absent", "connection: open"],
  ["status: 200", "absent etag: 1", "connection: open"],
  ["status: 200", "body", "connection: open"],
];

for (const lines of UNREADABLE) {
  test(`parseExpectations refuses ${JSON.stringify(lines)}`, () => {
    assert.throws(() => parseExpectations(lines));
  });
}
