// The HTTP/1.1 engine keeps the contract of engine-contract.ts, in memory and over a socket.
// engine.full.test.ts holds it to the same over TLS.

import { test } from "node:test";
import { IN_MEMORY, OVER_TCP } from "../fixtures/transport-pairs.ts";
import { ENGINE_CASES, runEngineCase } from "./engine-contract.ts";
import { http1Over } from "./engine-subjects.ts";

for (const subject of [http1Over(IN_MEMORY), http1Over(OVER_TCP)]) {
  for (const aCase of ENGINE_CASES) {
    test(`${subject.name}: ${aCase.name}`, (t) => runEngineCase(t, subject, aCase));
  }
}
