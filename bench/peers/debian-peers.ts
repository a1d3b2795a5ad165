// The servers that Debian has: each with its best settings, which stand in the files beside this one.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { readDescriptorLimit } from "../../src/serve/process-limits.ts";
import { findProgram } from "../../test/fixtures/system-program.ts";
import type { Peer, Place, ServerOptions } from "./peer.ts";
import { fillTemplate } from "./template.ts";

const CONNECTIONS = 1024;
/** More than any load sends, so that the limit is computed and never met; and one that is met. */
const WIDE_RATE = 1_000_000;
const REFUSING_RATE = 5;

export const nginx: Peer = {
  name: "nginx",
  find: () => findSystemProgram("nginx"),
  versionArgs: ["-v"],
  prepare: (program, options, place) => {
    const limit = options.refuses ? "limit_req zone=clients;" : "";
    return startNginx(program, options, place, { limit, rate: REFUSING_RATE });
  },
};

/** nginx with a limit for each client, as weir always has one. */
export const nginxWithLimit: Peer = {
  ...nginx,
  name: "nginx limit_req",
  prepare: (program, options, place) => {
    const limit = `limit_req zone=clients burst=${WIDE_RATE} nodelay;`;
    return startNginx(program, options, place, { limit, rate: WIDE_RATE });
  },
};

export const lighttpd: Peer = {
  name: "lighttpd",
  find: () => findSystemProgram("lighttpd"),
  versionArgs: ["-v"],
  prepare: (program, options, place) => {
    // Its workers are processes beside the first one; 0 lets the first one answer itself.
    const { workers = 1 } = options;
    const values = { lighttpdWorkers: workers === 1 ? 0 : workers };
    const config = writeConfig("lighttpd.conf", options, place, values);
    return { program, args: ["-D", "-f", config] };
  },
};

export const h2o: Peer = {
  name: "h2o",
  find: () => findSystemProgram("h2o"),
  versionArgs: ["-v"],
  prepare: (program, options, place) => {
    return { program, args: ["-c", writeConfig("h2o.conf", options, place)] };
  },
};

export const caddy: Peer = {
  name: "caddy",
  find: () => findSystemProgram("caddy"),
  versionArgs: ["version"],
  prepare: (program, options, place) => {
    const config = writeConfig("Caddyfile", options, place);
    const env = {
      GOMAXPROCS: String(options.workers ?? 1),
      HOME: place.ownDir,
      XDG_DATA_HOME: place.ownDir,
      XDG_CONFIG_HOME: place.ownDir,
    };
    return { program, args: ["run", "--config", config, "--adapter", "caddyfile"], env };
  },
};

/** Compiled anew for each start: a second, and never out of date. */
export const kernelFloor: Peer = {
  name: "kernel floor",
  find: () => findSystemProgram("gcc"),
  versionArgs: ["--version"],
  prepare: (compiler, options, place) => {
    const program = join(place.ownDir, "kernel-floor");
    const source = join(import.meta.dirname, "kernel-floor.c");
    execFileSync(compiler, ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source]);
    return { program, args: [String(place.port), join(options.dir, options.floorFile ?? "")] };
  },
};

function findSystemProgram(name: string): string | undefined {
  return findProgram(name, process.env.PATH ?? "");
}

function startNginx(
  program: string,
  options: ServerOptions,
  place: Place,
  values: Readonly<Record<string, string | number>>,
) {
  const config = writeConfig("nginx.conf", options, place, values);
  // -e: else it complains of the log that it is built with, before it reads the configuration.
  return { program, args: ["-e", join(place.ownDir, "error.log"), "-c", config] };
}

/** Fills in the template of that name; the path of what was written. */
function writeConfig(
  name: string,
  options: ServerOptions,
  place: Place,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const descriptors = readDescriptorLimit();
  const text = fillTemplate(readFileSync(join(import.meta.dirname, name), "utf8"), {
    dir: options.dir,
    own: place.ownDir,
    port: place.port,
    user: userInfo().username,
    workers: options.workers ?? 1,
    connections: options.connections ?? CONNECTIONS,
    descriptors,
    // The other half is for connections.
    openFiles: Math.floor(descriptors / 2),
    ...values,
  });
  const path = join(place.ownDir, name);
  writeFileSync(path, text);
  return path;
}
