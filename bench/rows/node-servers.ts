// The servers that a person on Node would take otherwise. sirv holds what it knows of the folder in
// memory from its start on; none of them has a limit or counts.

import { measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import type { Row } from "../row.ts";

export const nodeServers: Row = {
  name: "node-servers",
  title: "Servers on Node, small files, kept connections",
  targets: [
    { caseName: "1 KB", peer: "serve", ratioMax: 0.25 },
    { caseName: "1 KB", peer: "http-server", ratioMax: 0.25 },
    { caseName: "1 KB", peer: "sirv", ratioMax: 0.5 },
  ],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const names = ["weir", "serve", "httpServer", "sirv"] as const;
    const servers = await context.startServers(names, { dir });
    const load = { name: "1 KB", path: "/1k.bin", expected: { status: 200, body } };
    return { cases: [await measureAnswers(servers, load, context.form)] };
  },
};
