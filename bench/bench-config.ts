// The settings of a server under measurement: two threads, everything on that is on by default, and a
// limit that no load reaches.

import { settleValues } from "../src/cli/resolve-values.ts";
import { buildServeConfig } from "../src/cli/serve-command.ts";
import type { ServeConfig } from "../src/config/serve-config.ts";
import { serveFlags } from "../src/config/serve-flags.ts";

/** As they would be typed; every other flag has its default. */
const TYPED: Readonly<Record<string, string>> = {
  port: "0",
  host: "127.0.0.1",
  workers: "2",
  rate: "1000000/s",
  "client-connections": "10000",
  state: "memory",
  log: "off",
  drain: "1s",
};

export function benchConfig(rootDir: string): ServeConfig {
  const typed = new Map(
    Object.entries(TYPED).map(([name, text]) => [name, { text, spelling: `--${name}` }]),
  );
  const env = {};
  const settled = settleValues(serveFlags, { typed, env, file: undefined, currentDir: rootDir });
  const { stdout, stderr } = process;
  return buildServeConfig({ ...settled, positionals: [rootDir], env, stdout, stderr });
}
