// Some broken requests against the real server: what live-server.full.test.ts does at length.

import { test } from "node:test";
import { checkBrokenRequests } from "./broken-requests.ts";

test("broken requests are answered or refused, and no connection is left open [2,000]", (t) =>
  checkBrokenRequests(t, 2000));
