import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  describeError,
  describeTooManyRequests,
  ERROR_PAGE_CONTENT_SECURITY_POLICY,
  formatErrorPage,
  formatWaitWords,
  formatWindowWords,
} from "./error-page.ts";

const STATUSES = [400, 403, 404, 405, 408, 412, 413, 414, 416, 417, 429, 431, 500, 501, 503, 505];

for (const status of STATUSES) {
  test(`an error says what happened and what to do (${status})`, () => {
    const error = describeError(status);
    assert.equal(error.status, status);
    assert.notEqual(error.reason, "Client Error");
    assert.notEqual(error.reason, "Server Error");
    assert.match(error.explanation, /^[A-Z].*\.$/);
    assert.match(error.remedy ?? "", /^[A-Z].*\.$/);
    const page = formatErrorPage(error, "html");
    assert.ok(page.includes(`<title>${status} ${error.reason}</title>`));
    const json: unknown = JSON.parse(formatErrorPage(error, "json"));
    const message = `${error.explanation} ${error.remedy}`;
    assert.deepEqual(json, { status, error: error.reason, message });
  });
}

test("a status without a text of its own gets that of its class [418, 599]", () => {
  assert.equal(describeError(418).reason, "Client Error");
  assert.equal(describeError(599).reason, "Server Error");
});

test("the JSON form has the keys in the promised order (404)", () => {
  const json = formatErrorPage(
    { status: 404, reason: "Not Found", explanation: 'No "x".' },
    "json",
  );
  assert.equal(json, '{"status":404,"error":"Not Found","message":"No \\"x\\"."}\n');
});

const LIMITS: readonly (readonly [number, number, number, RegExp, RegExp])[] = [
  [5, 1000, 1, /5 requests in any second/, /again in 1 second\./],
  [1, 60_000, 42, /1 request in any minute/, /again in 42 seconds\./],
  [100, 3_600_000, 3600, /100 requests in any hour/, /again in 60 minutes\./],
  [100, 900_000, 899, /100 requests in any 15 minutes/, /again in 15 minutes\./],
  [1000, 86_400_000, 80_000, /1000 requests in any day/, /again in 22 hours and 14 minutes\./],
  [7, 10_000, 2, /7 requests in any 10 seconds/, /again in 2 seconds\./],
];

for (const [requestsMax, windowMs, retryAfterSeconds, limit, wait] of LIMITS) {
  test(`a 429 tells the limit and the wait (${requestsMax} in ${windowMs} ms)`, () => {
    const error = describeTooManyRequests({ requestsMax, windowMs, retryAfterSeconds });
    assert.equal(error.status, 429);
    const page = formatErrorPage(error, "html");
    assert.match(page, limit);
    assert.match(page, wait);
  });
}

test("the policy allows exactly the style in the page", () => {
  const page = formatErrorPage(describeError(404), "html");
  const style = page.slice(page.indexOf("<style>") + 7, page.indexOf("</style>"));
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(ERROR_PAGE_CONTENT_SECURITY_POLICY.includes(`style-src 'sha256-${hash}'`));
});

test("what is handed in adds no markup to the page and parses back from JSON (any text)", () => {
  const format = (text: string) =>
    formatErrorPage({ status: 404, reason: text, explanation: text, remedy: text }, "html");
  const readMarkup = (page: string) => page.replace(/[^<>"']/g, "");
  const template = readMarkup(format("x"));
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.constant(`"><script>alert('x')</script>\n`)),
      (text) => {
        assert.equal(readMarkup(format(text)), template);
        const error = { status: 404, reason: text, explanation: text };
        const json: unknown = JSON.parse(formatErrorPage(error, "json"));
        assert.deepEqual(json, { status: 404, error: text, message: text });
      },
    ),
  );
});

const WINDOWS: readonly (readonly [seconds: number, words: string])[] = [
  [1, "second"],
  [10, "10 seconds"],
  [60, "minute"],
  [90, "90 seconds"],
  [900, "15 minutes"],
  [3600, "hour"],
  [5400, "90 minutes"],
  [86_400, "day"],
  [129_600, "36 hours"],
  [604_800, "7 days"],
];

for (const [seconds, words] of WINDOWS) {
  test(`a window of ${seconds} s is any ${words}`, () => {
    assert.equal(formatWindowWords(seconds * 1000), words);
  });
}

const WAITS: readonly (readonly [seconds: number, words: string])[] = [
  [1, "1 second"],
  [60, "60 seconds"],
  [119, "119 seconds"],
  [120, "2 minutes"],
  [121, "3 minutes"],
  [3600, "60 minutes"],
  [7199, "120 minutes"],
  [7200, "2 hours"],
  [7201, "2 hours and 1 minute"],
  [12_000, "3 hours and 20 minutes"],
  [86_400, "24 hours"],
  [172_799, "48 hours"],
  [172_800, "2 days"],
  [176_401, "2 days and 2 hours"],
  [31_622_400, "366 days"],
];

for (const [seconds, words] of WAITS) {
  test(`a wait of ${seconds} s reads ${words}`, () => {
    assert.equal(formatWaitWords(seconds), words);
  });
}
