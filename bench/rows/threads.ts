// What the second thread costs: the same load on one thread and on two. Threads that got in each
// other's way would take more CPU time for the same answers.

import { CPU_UNIT, contend } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import { type Contender, measureInTurn } from "../measure-in-turn.ts";
import type { Row } from "../row.ts";

export const threads: Row = {
  name: "threads",
  title: "Two threads against one",
  // 1.8 times the answers of one thread in twice its CPU time.
  targets: [{ caseName: "1 KB", peer: "1 thread", ratioMax: 1.11 }],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const contenders: Contender[] = [];
    for (const [name, workers] of [
      ["2 threads", 2],
      ["1 thread", 1],
    ] as const) {
      const server = await context.startServer("weir", { dir, workers, isUnpinned: true });
      const load = { name, path: "/1k.bin", expected: { status: 200, body }, threads: 2 };
      if (server !== undefined) contenders.push(contend(server, load, name));
    }
    const series = await measureInTurn(contenders, context.form);
    return { cases: [{ name: "1 KB", unit: CPU_UNIT, series }] };
  },
};
