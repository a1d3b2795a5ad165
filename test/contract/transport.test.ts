// Node's sockets, and streams in memory, keep the contract of transport-contract.ts.
// transport.full.test.ts holds TLS to it.

import { test } from "node:test";
import { IN_MEMORY, OVER_TCP, OVER_UNIX_SOCKET } from "../fixtures/transport-pairs.ts";
import { runTransportCase, TRANSPORT_CASES } from "./transport-contract.ts";

for (const subject of [IN_MEMORY, OVER_TCP, OVER_UNIX_SOCKET]) {
  for (const aCase of TRANSPORT_CASES) {
    test(`over ${subject.name}: ${aCase.name}`, (t) => runTransportCase(t, subject, aCase));
  }
}
