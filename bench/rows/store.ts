// What it costs that several servers share a limit: the same server with a store and without, for a
// client that is within a large limit, and for one that spams. The store's own CPU time is not counted.

import { findFreePort } from "../../test/fixtures/free-port.ts";
import { RedisServer } from "../../test/fixtures/redis-server.ts";
import { findProgram } from "../../test/fixtures/system-program.ts";
import { contendFrom, loopbackAddresses } from "../address-load.ts";
import { CPU_UNIT, measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import { measureInTurn } from "../measure-in-turn.ts";
import type { Server } from "../peers/peer-process.ts";
import type { Case, Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";

const FILE = "1k.bin";
const WITHIN_CASE = "200 within 1000000/s";
const MANY_CASE = "200 for 1,000 clients of 4/s, at 5/s";
const REFUSED_CASE = "429 at 5/s";
const ALONE = "weir alone";
const ADMITTED_PER_SECOND = 5;
const CLIENTS = 1000;

export const store: Row = {
  name: "store",
  title: "What a shared limit costs, on 1 KB",
  targets: [
    { caseName: WITHIN_CASE, peer: ALONE, ratioMax: 1.5 },
    // 60 % of the answers in the same CPU time, and 95 %.
    { caseName: MANY_CASE, peer: ALONE, ratioMax: 1.67 },
    { caseName: REFUSED_CASE, peer: ALONE, ratioMax: 1.05 },
  ],
  async measure(context) {
    const program = findProgram("redis-server", process.env.PATH ?? "");
    // Told by who starts the servers that it compares with; there is no case without it.
    if (program === undefined) return { cases: [] };
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, FILE, 1024);
    const shared = new RedisServer(program, context.makeFolder(), await findFreePort());
    await shared.start();
    try {
      const path = `/${FILE}`;
      const within = { name: WITHIN_CASE, path, expected: { status: 200, body } };
      const refused = {
        name: REFUSED_CASE,
        path,
        expected: { status: 429 },
        othersPerSecond: ADMITTED_PER_SECOND,
      };
      const cases: Case[] = [];
      for (const [load, refuses] of [[within, false] as const, [refused, true] as const]) {
        const servers = await startBoth(context, dir, shared.url, refuses);
        cases.push(await measureAnswers(servers, load, context.form));
        if (refuses) cases.push(await measureMany(servers, path, context));
      }
      return { cases };
    } finally {
      await shared.kill9();
    }
  },
};

/** Each of them may pass, so each asks the store. */
async function measureMany(
  servers: readonly Server[],
  path: string,
  { form }: RowContext,
): Promise<Case> {
  const contenders = servers.map((server) =>
    contendFrom(server, {
      name: server.name,
      path,
      ratePerSecond: 4 * CLIENTS,
      connections: CLIENTS,
      addresses: loopbackAddresses(CLIENTS),
    }),
  );
  return { name: MANY_CASE, unit: CPU_UNIT, series: await measureInTurn(contenders, form) };
}

async function startBoth(
  context: RowContext,
  dir: string,
  url: string,
  refuses: boolean,
): Promise<Server[]> {
  const servers: Server[] = [];
  for (const [name, weirArgs] of [
    ["weir --store", ["--store", url]],
    [ALONE, []],
  ] as const) {
    const server = await context.startServer("weir", { dir, weirArgs: [...weirArgs], refuses });
    if (server !== undefined) servers.push({ ...server, name });
  }
  return servers;
}
