// What it costs to be watched: the counters of the server threads, an open dashboard, and the log. The
// same server with and without each, in turn.

import { findFreePort } from "../../test/fixtures/free-port.ts";
import { CPU_UNIT, contend } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import type { Server } from "../peers/peer-process.ts";
import type { Case, Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";

const METRICS_CASE = "metrics";
const DASHBOARD_CASE = "an open dashboard";
const PLAIN = "weir alone";
const UNWATCHED = "nobody looks";

export const admin: Row = {
  name: "admin",
  title: "What watching costs, on 1 KB",
  targets: [
    { caseName: METRICS_CASE, peer: PLAIN, ratioMax: 1.03 },
    { caseName: DASHBOARD_CASE, peer: UNWATCHED, ratioMax: 1.02 },
  ],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const load = { name: "1 KB", path: "/1k.bin", expected: { status: 200, body } };
    const measure = async (
      name: string,
      servers: readonly (readonly [string, Server | undefined])[],
    ): Promise<Case> => {
      const contenders = servers.flatMap(([shown, server]): Contender[] =>
        server === undefined ? [] : [contend(server, load, shown)],
      );
      return { name, unit: CPU_UNIT, series: await measureInTurn(contenders, context.form) };
    };
    const plain = await context.startServer("weir", { dir });
    const watched = await startWatched(context, dir);
    const quiet = await startWatched(context, dir);
    const logFile = `${context.makeFolder()}/access.log`;
    const logging = await context.startServer("weir", {
      dir,
      weirArgs: ["--log", "combined", "--log-file", logFile],
    });
    const metricsCase = await measure(METRICS_CASE, [
      ["weir --admin", watched.server],
      [PLAIN, plain],
    ]);
    const logCase = await measure("a log in a file", [
      ["weir --log-file", logging],
      [PLAIN, plain],
    ]);
    const leave = await openDashboard(watched.adminUrl);
    const dashboardCase = await measure(DASHBOARD_CASE, [
      ["a dashboard", watched.server],
      [UNWATCHED, quiet.server],
    ]);
    leave();
    return { cases: [metricsCase, dashboardCase, logCase] };
  },
};

async function startWatched(context: RowContext, dir: string) {
  const address = `127.0.0.1:${await findFreePort()}`;
  const server = await context.startServer("weir", { dir, weirArgs: ["--admin", address] });
  return { server, adminUrl: `http://${address}` };
}

/** Reads the events as the page does. What the browser makes of them is no cost of the server. */
async function openDashboard(adminUrl: string): Promise<() => void> {
  const abort = new AbortController();
  const { body } = await fetch(`${adminUrl}/api/events`, { signal: abort.signal });
  const read = async (): Promise<void> => {
    for await (const _ of body ?? []);
  };
  read().catch(() => {});
  return () => abort.abort();
}
