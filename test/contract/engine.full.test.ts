// The HTTP/1.1 engine keeps the contract of engine-contract.ts over TLS, too.

import { test } from "node:test";
import { OVER_TLS } from "../fixtures/transport-pairs.ts";
import { ENGINE_CASES, runEngineCase } from "./engine-contract.ts";
import { http1Over } from "./engine-subjects.ts";

const subject = http1Over(OVER_TLS);
for (const aCase of ENGINE_CASES) {
  test(`${subject.name}: ${aCase.name}`, (t) => runEngineCase(t, subject, aCase));
}
