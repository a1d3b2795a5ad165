// No part of weir that reads what strangers send takes time that grows faster than their bytes: sixteen
// times as many may take sixteen times the CPU time, or four times that on a machine that does other
// things too; what was quadratic would take 256 times.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findForwardedClient,
  readForwardedHop,
  readXForwardedForHop,
} from "../../src/clients/forwarded.ts";
import { findRedirect, formatLocation, parseRedirects } from "../../src/config/redirect-rule.ts";
import { parseHttpDate } from "../../src/http/field-values.ts";
import { formatRelativeReference } from "../../src/http/url.ts";
import { formatFields } from "../../src/http1/response-head.ts";
import { matchesTagList } from "../../src/site/file/conditions.ts";
import { acceptedCodings } from "../../src/site/file/encoding.ts";
import { parseRange } from "../../src/site/file/ranges.ts";
import { decideListingFormat } from "../../src/site/listing/query.ts";
import { publicPrefix, resolvePath } from "../../src/site/path.ts";
import { compilePattern, matchesPattern } from "../../src/site/rules.ts";
import { makeHead } from "../fixtures/request-head.ts";
import { fill } from "./costly-requests.ts";

const SMALL_CHARS = 4 * 1024;
const FACTOR = 16;
const GROWTH_MAX = 64;
/** A run of less is too short to be told from the clock's own steps. */
const RUN_US_MIN = 1000;
const TRIES = 3;

const REDIRECTS = parseRedirects(
  JSON.stringify([
    { from: "/a/**/z", to: "/b/**" },
    { from: "/*a", to: "/c/*" },
    { from: "/**", to: "https://weir.test/**" },
  ]),
);
const STARS = compilePattern(`/**/${"*a".repeat(10)}/**/b`);
const always = () => true;
const forwarded = (reader: typeof readForwardedHop) => (text: string) =>
  findForwardedClient(text, reader, always);
const tags = (text: string) => matchesTagList(text, '"a"', "weak");
const accept = (text: string) => decideListingFormat(text, "");
const query = (text: string) => decideListingFormat(undefined, text);
const resolve = (text: string) => resolvePath(`/${text}`);
const range = (text: string) => parseRange(`bytes=${text}`, 1e9);
const prefix = (text: string) => {
  const head = makeHead({ "x-forwarded-prefix": `${text}a` });
  return publicPrefix(head);
};
const relative = (text: string) => formatRelativeReference(`/${text}`, "/");
const pattern = (text: string) => matchesPattern(STARS, `/${text}`);
const redirect = (text: string) => {
  const found = findRedirect(REDIRECTS, `/${text}`);
  return found && formatFields([["Location", formatLocation(found, text)]]);
};

/** What reads it, and the pieces that it is given again and again. */
const READERS: readonly (readonly [
  what: string,
  read: (text: string) => unknown,
  pieces: string[],
])[] = [
  ["Accept", accept, ["a/b,", ",", '"', "\\", "*/*;q=0,", ";q=", " "]],
  ["Accept-Encoding", acceptedCodings, ["gzip,", "a ;q=0 ,", " ", ";"]],
  ["a list of tags", tags, ['"",', 'W/"a",', '"', " ", ",", "W/"]],
  ["Range", range, ["0-1,", ",", "9", " ", "-"]],
  ["a date", (text) => parseHttpDate(text, 0), ["Sun, ", " ", "0"]],
  ["Forwarded", forwarded(readForwardedHop), ["for=10.0.0.1,", '"', '\\"', ";", " ", "a"]],
  ["X-Forwarded-For", forwarded(readXForwardedForHop), ["::1,", ",", " ", ":", "1."]],
  ["X-Forwarded-Prefix", prefix, ["/", "/a,", " ", "%41", "/."]],
  ["a relative address", relative, ["a/", "../", "%2e%2e/", "/", "a:"]],
  ["a query", query, ["&", "format=", "format=json&", "%66", "+"]],
  ["a path", resolve, ["a/../", "../", "./", "a/", "%41", "%2e%2e/", "//"]],
  ["a pattern", pattern, ["a", "a/", "/", "ab/b"]],
  ["redirects", redirect, ["a", "a/", "%", "/", "z/a"]],
];

/** CPU microseconds for one call, the least of several series. */
function cpuUsOf(read: (text: string) => unknown, text: string): number {
  let leastUs = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < TRIES; tried++) {
    let calls = 0;
    const before = process.cpuUsage();
    let spentUs = 0;
    while (spentUs < RUN_US_MIN) {
      read(text);
      calls++;
      const { user, system } = process.cpuUsage(before);
      spentUs = user + system;
    }
    leastUs = Math.min(leastUs, spentUs / calls);
  }
  return leastUs;
}

for (const [what, read, pieces] of READERS) {
  test(`${what} of ${FACTOR} times as many bytes takes no more than ${GROWTH_MAX} times as long`, () => {
    for (const piece of pieces) {
      // Twice, so that the second finds the code compiled.
      cpuUsOf(read, fill(piece, SMALL_CHARS));
      const smallUs = cpuUsOf(read, fill(piece, SMALL_CHARS));
      const largeUs = cpuUsOf(read, fill(piece, SMALL_CHARS * FACTOR));
      assert.ok(largeUs < smallUs * GROWTH_MAX, `[${piece}]: ${smallUs} µs, then ${largeUs} µs`);
    }
  });
}
