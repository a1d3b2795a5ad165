// Very many broken requests against the real server.

import { test } from "node:test";
import { checkBrokenRequests } from "./broken-requests.ts";

/** With the public corpora and request-reading.test.ts more than 100,000 in all. */
const CASE_COUNT = 40_000;

test("broken requests are answered or refused, and no connection is left open [40,000]", (t) =>
  checkBrokenRequests(t, CASE_COUNT));
