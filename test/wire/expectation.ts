// What a wire page expects: read from the lines of an `expect` block, and compared with the answers
// that came. Besides what the page says, every answer must obey a few rules of HTTP that no page
// repeats. Pure: the runner in test/wire/pages.test.ts does the sending.

import { fieldValue, type RawResponse } from "../fixtures/raw-response.ts";
import { parseNotation } from "./notation.ts";

export type CaseEnd = "open" | "closed";

export interface ExpectedAnswer {
  readonly status: number;
  /** The method of its request: the answer to HEAD has no body. */
  readonly method: string;
  readonly checks: readonly Check[];
}

/** A line of the page, and what it says about an answer: undefined, or what is wrong with it. */
export interface Check {
  readonly line: string;
  readonly find: (answer: RawResponse, all: readonly RawResponse[]) => string | undefined;
}

type CheckMaker = (name: string, value: string) => Check["find"];

const CHECKS: Readonly<Record<string, CheckMaker>> = {
  field: (name, value) => (answer) => {
    const actual = fieldValue(answer, name);
    if (actual === undefined) return "there is no such field";
    return value === "*" || actual === value ? undefined : `it is "${actual}"`;
  },
  "field-matches": (name, value) => {
    const pattern = new RegExp(value);
    return (answer) => {
      const actual = fieldValue(answer, name);
      return actual !== undefined && pattern.test(actual) ? undefined : `it is "${actual}"`;
    };
  },
  absent: (name) => (answer) =>
    answer.fields.has(name) ? `it is "${answer.fields.get(name)}"` : undefined,
  body: (_, value) => {
    const expected = parseNotation(value);
    return ({ body }) => (body.equals(expected) ? undefined : `it is ${preview(body)}`);
  },
  "body-bytes": (_, value) => {
    const countExpected = Number(value);
    return ({ body }) => (body.length === countExpected ? undefined : `it has ${body.length}`);
  },
  "body-contains": (_, value) => {
    const expected = parseNotation(value);
    return ({ body }) => (body.includes(expected) ? undefined : `it is ${preview(body)}`);
  },
  "body-lacks": (_, value) => {
    const unwanted = parseNotation(value);
    return ({ body }) => (body.includes(unwanted) ? `it is ${preview(body)}` : undefined);
  },
  "fields-as": (_, value) => (answer, all) => {
    const other = all[Number(value) - 1];
    if (other === undefined) return "there is no such answer";
    const [here, there] = [describeFields(answer), describeFields(other)];
    return here === there ? undefined : `here ${here}, there ${there}`;
  },
};

/** Reads the lines of an `expect` block; throws on a line it does not know. */
export function parseExpectations(lines: readonly string[]): {
  answers: ExpectedAnswer[];
  end: CaseEnd;
} {
  const answers: { status: number; method: string; checks: Check[] }[] = [];
  let end: CaseEnd | undefined;
  for (const line of lines.filter((text) => text !== "")) {
    const match = /^([a-z-]+)(?: ([^ :]+))?(?:: ?(.*))?$/.exec(line);
    const [, key = "", name = "", value = ""] = match ?? [];
    const answer = answers.at(-1);
    const maker = CHECKS[key];
    if (end !== undefined) throw new Error(`"${line}" stands after the line of the connection`);
    if (key === "status" && /^\d{3}$/.test(value)) {
      answers.push({ status: Number(value), method: "GET", checks: [] });
    } else if (key === "connection" && (value === "open" || value === "closed")) end = value;
    else if (key === "answer-to" && answer !== undefined) answer.method = value;
    else if (maker !== undefined && answer !== undefined && isWhole(key, name, line)) {
      answer.checks.push({ line, find: maker(name.toLowerCase(), value) });
    } else throw new Error(`not an expectation: "${line}"`);
  }
  if (end === undefined) throw new Error('the last expectation is "connection: open" or "closed"');
  return { answers, end };
}

/** `field` and `absent` name a field, the others have only a value. */
function isWhole(key: string, name: string, line: string): boolean {
  const wantsName = ["field", "field-matches", "absent"].includes(key);
  const wantsValue = key !== "absent";
  return (name !== "") === wantsName && line.includes(":") === wantsValue;
}

/** Every way in which the answers are not what was expected; none when all is well. */
export function findFaults(
  expected: readonly ExpectedAnswer[],
  end: CaseEnd,
  actual: readonly RawResponse[],
): string[] {
  const faults: string[] = [];
  if (actual.length !== expected.length) {
    faults.push(`${expected.length} answers expected, ${actual.length} came`);
  }
  for (const [index, answer] of actual.entries()) {
    const wanted = expected[index];
    if (wanted === undefined) continue;
    const isLast = index === actual.length - 1;
    const found = [
      ...findPageFaults(wanted, answer, actual),
      ...findFramingFaults(wanted, answer),
      ...findGeneralFaults(answer, isLast && end === "closed"),
    ];
    faults.push(...found.map((fault) => `answer ${index + 1}: ${fault}`));
  }
  return faults;
}

function findPageFaults(
  wanted: ExpectedAnswer,
  answer: RawResponse,
  all: readonly RawResponse[],
): string[] {
  const faults = wanted.checks.flatMap(({ line, find }) => {
    const fault = find(answer, all);
    return fault === undefined ? [] : [`"${line}": ${fault}`];
  });
  if (answer.status !== wanted.status) {
    faults.unshift(`"status: ${wanted.status}": it is ${answer.status} ${answer.reason}`);
  }
  return faults;
}

/** A body that only the close ends looks like one that was cut off, so a page must ask for it. */
function findFramingFaults({ checks }: ExpectedAnswer, { status, fields }: RawResponse): string[] {
  const isFramed = fields.has("content-length") || fields.has("transfer-encoding");
  const isWithoutBody = status < 200 || status === 204 || status === 304;
  const isAskedFor = checks.some(({ line }) => line === "absent content-length");
  if (isFramed || isWithoutBody || isAskedFor) return [];
  return ["it has no Content-Length, and is not chunked"];
}

/** These rules hold for every answer of weir, so no page repeats them. */
function findGeneralFaults(answer: RawResponse, isClosing: boolean): string[] {
  if (answer.status < 200) return [];
  const faults: string[] = [];
  if (answer.version !== "HTTP/1.1")
    faults.push(`its version is ${answer.version} (RFC 9110 §2.5)`);
  if (!answer.fields.has("date")) faults.push("it has no Date (RFC 9110 §6.6.1)");
  const options = (answer.fields.get("connection") ?? [])
    .join(",")
    .toLowerCase()
    .split(/\s*,\s*/);
  if (options.includes("close") !== isClosing) {
    faults.push(
      isClosing
        ? "it is the last one and does not say Connection: close (RFC 9112 §9.6)"
        : "it says Connection: close, and is not the last one",
    );
  }
  return faults;
}

function describeFields(answer: RawResponse): string {
  const fields = [...answer.fields].filter(([name]) => name !== "date");
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function preview(body: Buffer): string {
  const text = JSON.stringify(body.toString("latin1", 0, 200));
  return body.length > 200 ? `${text}… (${body.length} bytes)` : text;
}
