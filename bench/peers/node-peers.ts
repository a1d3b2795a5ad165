// The servers that run on Node: weir, as it is published, and those that bench/set-up.sh installs
// beside the repository's own packages. All run on the same Node.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { publishedWeir } from "../published-weir.ts";
import type { Peer, ServerOptions } from "./peer.ts";

const PEERS_DIR = join(import.meta.dirname, "../../.bench-peers/node_modules");

/** Its limit, its counts and its state are on: that is what it is for. No load reaches the limit. */
export const weir: Peer = {
  name: "weir",
  find: () => publishedWeir(),
  versionArgs: ["--version"],
  prepare: (program, options, place) => ({
    program: process.execPath,
    args: [
      ...[program, "serve", options.dir],
      ...["--host", "127.0.0.1"],
      ...["--port", String(place.port)],
      ...["--workers", String(options.workers ?? 1)],
      ...["--rate", options.refuses ? "5/s" : "1000000/s"],
      ...["--client-connections", "65535"],
      ...["--log", "off"],
      ...["--state", join(place.ownDir, "state")],
      ...(options.weirArgs ?? []),
    ],
  }),
};

/** weir as it was at a revision of this repository: what a change costs is measured against it. */
export function weirAt(revision: string): Peer {
  return { ...weir, name: `weir at ${revision}`, find: () => publishedWeir(revision) };
}

/** `serve`, started with what makes it quiet; it has neither limits nor counts. */
export const serve = nodePeer("serve", "serve/build/main.js", ({ dir }, port) => [
  ...["--listen", `tcp://127.0.0.1:${port}`],
  ...["--no-clipboard", "--no-request-logging", "--no-port-switching", dir],
]);

export const httpServer = nodePeer(
  "http-server",
  "http-server/bin/http-server",
  (options, port) => [options.dir, ...["-a", "127.0.0.1", "-p", String(port), "--silent"]],
);

/** Looks at the folder once, as it starts, and answers from memory what it knows of its files. */
export const sirv = nodePeer("sirv", "sirv-cli/bin.js", ({ dir }, port) => [
  dir,
  ...["--host", "127.0.0.1", "--port", String(port), "--quiet"],
]);

function nodePeer(
  name: string,
  script: string,
  listArguments: (options: ServerOptions, port: number) => string[],
): Peer {
  const path = join(PEERS_DIR, script);
  return {
    name,
    find: () => (existsSync(path) ? path : undefined),
    versionArgs: ["--version"],
    prepare: (program, options, { port }) => ({
      program: process.execPath,
      args: [program, ...listArguments(options, port)],
      env: { NODE_ENV: "production" },
    }),
  };
}
