// The load clients that bench/rows/load.ts compares: how each is started, and how many answers it says
// it got. All send over as many connections that are kept open.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../test/fixtures/system-program.ts";
import { publishedWeir } from "./published-weir.ts";
import { parseWrkOutput } from "./wrk-output.ts";

export interface LoadClient {
  readonly name: string;
  /** undefined when it is not installed. */
  find(): string | undefined;
  /** The whole command line. */
  command(program: string, url: string, seconds: number): readonly string[];
  /** Answers with a status of 200. Throws when there were others. */
  countAnswers(output: string): number;
}

const CONNECTIONS = "64";
const WRK_SCRIPT = join(import.meta.dirname, "wrk-script.lua");
const AUTOCANNON = join(
  import.meta.dirname,
  "../.bench-peers/node_modules/autocannon/autocannon.js",
);

export const weirLoad: LoadClient = {
  name: "weir load",
  find: publishedWeir,
  command: (program, url, seconds) => [
    ...[process.execPath, program, "load", url],
    ...["-c", CONNECTIONS, "-d", `${seconds}s`, "--json", "-"],
  ],
  countAnswers(output) {
    const { admitted, refused, failed } = JSON.parse(output) as Record<string, number>;
    return onlyRight(admitted, (refused ?? 0) + (failed ?? 0));
  },
};

export const wrk: LoadClient = {
  name: "wrk",
  find: () => findProgram("wrk", process.env.PATH ?? ""),
  command: (program, url, seconds) => [
    ...[program, "-t1", `-c${CONNECTIONS}`, `-d${seconds}s`],
    ...["-s", WRK_SCRIPT, url, "--"],
  ],
  countAnswers(output) {
    const { requests, errorAnswers } = parseWrkOutput(output);
    return onlyRight(requests, errorAnswers);
  },
};

export const autocannon: LoadClient = {
  name: "autocannon",
  find: () => (existsSync(AUTOCANNON) ? AUTOCANNON : undefined),
  command: (program, url, seconds) => [
    ...[process.execPath, program, "--json", "--no-progress"],
    ...["-c", CONNECTIONS, "-d", String(seconds), url],
  ],
  countAnswers(output) {
    const { "2xx": right, non2xx } = JSON.parse(output) as Record<string, number>;
    return onlyRight(right, non2xx);
  },
};

function onlyRight(right: number | undefined, wrong: number | undefined): number {
  if (right === undefined || right === 0 || wrong !== 0) {
    throw new Error(`${right} right answers and ${wrong} others`);
  }
  return right;
}
