// What a request costs as everything around it grows: the served tree, the clients that ask, the
// clients and files that are remembered. None of it may make a request slower in step.

import { contendFrom, loopbackAddresses } from "../address-load.ts";
import { CPU_UNIT, contend } from "../cpu-per-answer.ts";
import { writeFileTree } from "../file-tree.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import type { PeerName } from "../peers/peer-list.ts";
import type { Case, Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";
import { admitOf, contendAlone, hitOf } from "../shared-structures.ts";

const FEW_FILES = 10;
/** More than are asked for often enough to be kept. */
const SOME_FILES = 10_000;
const CONTENT = Buffer.alloc(100, "x");
/** As many connections for one address as for all of them. */
const ADDRESSES = 1000;
const RATE_PER_SECOND = 5000;

const TREE_CASE = "files in the tree, ten of them asked for";
const RANDOM_CASE = "files asked for at random";

export const growth: Row = {
  name: "growth",
  title: "What grows around a request",
  targets: [
    { caseName: TREE_CASE, peer: nameOf("weir", FEW_FILES), ratioMax: 1.2 },
    { caseName: RANDOM_CASE, peer: nameOf("weir", SOME_FILES), ratioMax: 1.2 },
    { caseName: "client addresses", peer: "1 address", ratioMax: 1.2 },
  ],
  async measure(context) {
    return {
      cases: [
        await measureTree(context),
        await measureRandom(context),
        await measureAddresses(context),
        await measureTable("clients in the limiter", admitOf, context),
        await measureTable("files with hits", hitOf, context),
      ],
    };
  },
};

/** The same ten files out of a small tree and out of a large one. */
async function measureTree(context: RowContext): Promise<Case> {
  const asked = FEW_FILES;
  const loads = [context.form.filesMax, FEW_FILES].map((treeCount) => ({ treeCount, asked }));
  return { name: TREE_CASE, unit: CPU_UNIT, series: await measureTrees(context, ["weir"], loads) };
}

/** Files that hardly anyone has asked for before: each is opened and read for its answer. */
async function measureRandom(context: RowContext): Promise<Case> {
  const { filesMax } = context.form;
  const some = Math.min(SOME_FILES, filesMax);
  const loads = [filesMax, some].map((count) => ({ treeCount: count, asked: count }));
  const series = await measureTrees(context, ["weir", "nginx"], loads);
  return { name: RANDOM_CASE, unit: CPU_UNIT, series };
}

async function measureTrees(
  context: RowContext,
  names: readonly PeerName[],
  loads: readonly { readonly treeCount: number; readonly asked: number }[],
) {
  const contenders: Contender[] = [];
  for (const { treeCount, asked } of loads) {
    const dir = context.makeFolder();
    writeFileTree(dir, treeCount, CONTENT);
    for (const name of names) {
      const server = await context.startServer(name, { dir });
      if (server === undefined) continue;
      const load = { name: nameOf(name, treeCount), path: "/", fileCount: asked };
      contenders.push(contend(server, { ...load, expected: { status: 200 } }, load.name));
    }
  }
  return measureInTurn(contenders, context.form);
}

function nameOf(server: string, fileCount: number): string {
  return `${server}, ${fileCount.toLocaleString("en")} files`;
}

async function measureAddresses(context: RowContext): Promise<Case> {
  const dir = context.makeFolder();
  writeFileTree(dir, 1, CONTENT);
  const [server] = await context.startServers(["weir"], { dir });
  if (server === undefined) return { name: "client addresses", unit: CPU_UNIT, series: [] };
  const contenders = [ADDRESSES, 1].map((count) =>
    contendFrom(server, {
      name: count === 1 ? "1 address" : `${count} addresses`,
      path: "/d0/f0.txt",
      ratePerSecond: RATE_PER_SECOND,
      connections: ADDRESSES,
      addresses: loopbackAddresses(count),
    }),
  );
  const series = await measureInTurn(contenders, context.form);
  return { name: "client addresses", unit: CPU_UNIT, series };
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
