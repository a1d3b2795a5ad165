import assert from "node:assert/strict";
import { test } from "node:test";
import { serveFlags } from "../config/serve-flags.ts";
import { flagTables } from "./flag-table.ts";
import { describeUnknownVariables } from "./unknown-variables.ts";

const warned: [env: Record<string, string>, advice: string][] = [
  [{ WEIR_IDEL_TIMEOUT: "5s" }, "did you mean WEIR_IDLE_TIMEOUT?"],
  [{ WEIR_IDLETIMEOUT: "5s" }, "did you mean WEIR_IDLE_TIMEOUT?"],
  [{ WEIR_HEADER: "[]" }, "did you mean WEIR_HEADERS?"],
  [{ WEIR_PORTS: "80" }, "did you mean PORT?"],
  [{ WEIR_PORT: "80" }, "the variable of --port is PORT"],
  [{ WEIR_RATE: "9/s" }, "the variable of --rate is RATE"],
  [{ WEIR_NO_LISTING: "1" }, "write WEIR_LISTING=off"],
];

for (const [env, advice] of warned) {
  const [name] = Object.keys(env);
  test(`${name} has no effect, and the line says: ${advice}`, () => {
    const lines = describeUnknownVariables(serveFlags, { PATH: "/bin", ...env });
    assert.deepEqual(lines, [`${name} in the environment has no effect: ${advice}`]);
  });
}

/** What Kubernetes sets in each Pod for a Service "weir", "weir-next" or "weir-store", and Docker for a link. */
const OF_SERVICES = {
  WEIR_SERVICE_HOST: "10.0.0.1",
  WEIR_SERVICE_PORT: "80",
  WEIR_SERVICE_PORT_HTTP: "80",
  WEIR_PORT: "tcp://10.0.0.1:80",
  WEIR_PORT_80_TCP: "tcp://10.0.0.1:80",
  WEIR_PORT_80_TCP_PROTO: "tcp",
  WEIR_PORT_80_TCP_PORT: "80",
  WEIR_PORT_80_TCP_ADDR: "10.0.0.1",
  WEIR_NEXT_PORT: "tcp://10.0.0.2:80",
  WEIR_NEXT_SERVICE_HOST: "10.0.0.2",
  WEIR_STORE_PORT: "tcp://10.0.0.3:6379",
  WEIR_STORE_SERVICE_HOST: "10.0.0.3",
  WEIR_STORE_SERVICE_PORT: "6379",
};

/** A fleet's own, a unit file's, a test suite's, and what weir reads elsewhere. */
const OF_OTHERS = {
  WEIR_SOMETHING: "1",
  WEIR_VERSION: "0.1.0",
  WEIR_IMAGE: "registry.example.org/weir",
  WEIR_DIR: "/srv",
  WEIR_TIP: "1",
  WEIR_ENV: "prod",
  WEIR_NAME: "/web/weir",
  WEIR_OPTIONS: "--rate 20/s",
  WEIR_CORPORA: "corpora",
  WEIR_DEBUG: "1",
  WEIR_IDEL_TIMEOUT: "",
  WEIRD: "1",
  weir_idel_timeout: "1",
};

for (const [command, table] of flagTables) {
  test(`weir ${command} says nothing of variables that are right, empty, or others' own`, () => {
    const right = [...flagTables].flatMap(([, flags]) => flags.flatMap(({ env }) => env ?? []));
    const env = { ...Object.fromEntries(right.map((name) => [name, "x"])), ...OF_SERVICES };
    assert.deepEqual(describeUnknownVariables(table, { ...env, ...OF_OTHERS }), []);
  });
}
