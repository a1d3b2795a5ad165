// Memory of a server that has nothing to do, and what each idle connection adds to it.

import { OperationError } from "../../src/base/operation-error.ts";
import { readDescriptorLimit } from "../../src/serve/process-limits.ts";
import { writeRandomFile } from "../file-tree.ts";
import { openIdleConnections } from "../idle-connections.ts";
import { measureInTurn } from "../measure-in-turn.ts";
import { PEERS } from "../peers/peer-list.ts";
import { readMemoryBytes } from "../process-tree.ts";
import type { Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";

const CONNECTIONS = 10_000;
/** weir reserves two descriptors for each connection, and its threads do not get equally many. */
const DESCRIPTORS_PER_CONNECTION = 2.7;
const ADDRESSES = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 1}`);
const BODY_BYTES = 1024;
const WARM_UP_SHARE = 0.25;
const NAMES = ["weir", "nginx"] as const;

interface MemoryUse {
  readonly idleBytes: number;
  readonly connectionBytes: number;
}

export const memory: Row = {
  name: "memory",
  title: "Memory, two threads",
  targets: [],
  bounds: [
    { caseName: "at rest", valueMax: 90 },
    { caseName: "an idle connection", valueMax: 4 },
  ],
  async measure(context) {
    const dir = context.makeFolder();
    writeRandomFile(dir, "1k.bin", BODY_BYTES);
    const installed = NAMES.filter((name) => PEERS[name].find() !== undefined);
    const uses = new Map<string, MemoryUse[]>(installed.map((name) => [name, []]));
    const contenders = installed.map((name) => ({
      name: PEERS[name].name,
      measure: async () => {
        const use = await measureServer(context, name, dir);
        uses.get(name)?.push(use);
        return use.connectionBytes / 1024;
      },
    }));
    // Memory does not depend on what came before: nobody has to warm up.
    const rounds = { ...context.form, rounds: 0 };
    const connection = await measureInTurn(contenders, rounds);
    const idle = installed.map((name) => ({
      name: PEERS[name].name,
      rounds: (uses.get(name) ?? []).map(({ idleBytes }) => idleBytes / 1024 ** 2),
    }));
    return {
      cases: [
        { name: "at rest", unit: "MiB", series: idle },
        { name: "an idle connection", unit: "KiB", series: connection },
      ],
    };
  },
};

async function measureServer(
  context: RowContext,
  name: (typeof NAMES)[number],
  dir: string,
): Promise<MemoryUse> {
  const isSmoke = context.form.name === "smoke";
  const affordable = Math.floor(readDescriptorLimit() / DESCRIPTORS_PER_CONNECTION);
  // A multiple of four, for the share that warms up.
  const count = isSmoke ? 100 : Math.floor(Math.min(CONNECTIONS, affordable) / 4) * 4;
  const server = await context.startServer(name, {
    dir,
    workers: 2,
    isUnpinned: true,
    connections: Math.floor(count * 1.2),
  });
  if (server === undefined) return { idleBytes: Number.NaN, connectionBytes: Number.NaN };
  const idleBytes = readMemoryBytes(server.pid);
  const open = (share: number) => {
    return openIdleConnections(server.port, "/1k.bin", BODY_BYTES, count * share, ADDRESSES);
  };
  // What the first requests bring with them, as compiled code, is no part of a connection.
  const first = await open(WARM_UP_SHARE);
  const warmBytes = readMemoryBytes(server.pid);
  const others = await open(1 - WARM_UP_SHARE);
  try {
    const addedBytes = readMemoryBytes(server.pid) - warmBytes;
    // Looked at afterwards: a connection that is open now was open then.
    const closedCount = count - first.openCount() - others.openCount();
    if (closedCount === 0) {
      return { idleBytes, connectionBytes: addedBytes / (count * (1 - WARM_UP_SHARE)) };
    }
    throw new OperationError(`${server.name} closed ${closedCount} of ${count} idle connections`);
  } finally {
    first.close();
    others.close();
    await context.stopServer(server);
  }
}
