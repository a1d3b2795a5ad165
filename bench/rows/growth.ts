// What a request costs as everything around it grows: the served tree, the clients that ask, the
// clients and files that are remembered. None of it may make a request slower in step.

import { CPU_UNIT, contend } from "../cpu-per-answer.ts";
import { writeFileTree } from "../file-tree.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import { runOpenLoad } from "../open-load.ts";
import type { PeerName } from "../peers/peer-list.ts";
import type { Server } from "../peers/peer-process.ts";
import { readCpuNs } from "../process-tree.ts";
import type { Case, Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";
import { admitOf, contendAlone, hitOf } from "../shared-structures.ts";

const FEW_FILES = 10;
const CONTENT = Buffer.alloc(100, "x");
/** As many connections for one address as for all of them. */
const ADDRESSES = 1000;
const RATE_PER_SECOND = 5000;

export const growth: Row = {
  name: "growth",
  title: "What grows around a request",
  targets: [
    { caseName: "files in the tree", peer: "weir, 10 files", ratioMax: 1.2 },
    { caseName: "client addresses", peer: "1 address", ratioMax: 1.2 },
  ],
  async measure(context) {
    return {
      cases: [
        await measureFiles(context),
        await measureAddresses(context),
        await measureTable("clients in the limiter", admitOf, context),
        await measureTable("files with hits", hitOf, context),
      ],
    };
  },
};

async function measureFiles(context: RowContext): Promise<Case> {
  const { form } = context;
  const trees = await Promise.all(
    [FEW_FILES, form.filesMax].map(async (fileCount) => {
      const dir = context.makeFolder();
      writeFileTree(dir, fileCount, CONTENT);
      return { dir, fileCount };
    }),
  );
  const contenders: Contender[] = [];
  for (const name of ["weir", "nginx"] as const satisfies PeerName[]) {
    for (const { dir, fileCount } of trees.toReversed()) {
      const server = await context.startServer(name, { dir });
      if (server === undefined) continue;
      const load = { name: `${fileCount.toLocaleString("en")} files`, path: "/", fileCount };
      const answers = { ...load, expected: { status: 200 } };
      contenders.push(contend(server, answers, `${name}, ${load.name}`));
    }
  }
  const series = await measureInTurn(contenders, form);
  return { name: "files in the tree", unit: CPU_UNIT, series };
}

async function measureAddresses(context: RowContext): Promise<Case> {
  const dir = context.makeFolder();
  writeFileTree(dir, 1, CONTENT);
  const [server] = await context.startServers(["weir"], { dir });
  if (server === undefined) return { name: "client addresses", unit: CPU_UNIT, series: [] };
  const contenders = [ADDRESSES, 1].map((count) => contendFrom(server, count));
  const series = await measureInTurn(contenders, context.form);
  return { name: "client addresses", unit: CPU_UNIT, series };
}

function contendFrom(server: Server, addressCount: number): Contender {
  const addresses = Array.from(
    { length: addressCount },
    (_, index) => `127.1.${index >> 8}.${index & 255 || 1}`,
  );
  const measure = async (seconds: number): Promise<number> => {
    const startNs = readCpuNs(server.pid);
    const { answers } = await runOpenLoad({
      port: server.port,
      path: "/d0/f0.txt",
      ratePerSecond: RATE_PER_SECOND,
      seconds,
      connections: ADDRESSES,
      addresses,
    });
    return (readCpuNs(server.pid) - startNs) / answers / 1000;
  };
  return { name: addressCount === 1 ? "1 address" : `${addressCount} addresses`, measure };
}

async function measureTable(
  name: string,
  operationOf: (entryCount: number) => () => unknown,
  { form }: RowContext,
): Promise<Case> {
  const contenders = [form.tableEntriesMax, 1].map((count) =>
    contendAlone(count.toLocaleString("en"), operationOf(count)),
  );
  return { name, unit: "ns", series: await measureInTurn(contenders, form) };
}
