// TLS over Node's sockets keeps the contract of transport-contract.ts, as plain sockets do.

import { test } from "node:test";
import { OVER_TLS } from "../fixtures/transport-pairs.ts";
import { runTransportCase, TRANSPORT_CASES } from "./transport-contract.ts";

for (const aCase of TRANSPORT_CASES) {
  test(`over ${OVER_TLS.name}: ${aCase.name}`, (t) => runTransportCase(t, OVER_TLS, aCase));
}
