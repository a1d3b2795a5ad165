// What a request costs when each comes on a connection of its own, as from clients without
// keep-alive: accepting, answering and closing.

import { measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import type { Row } from "../row.ts";

export const newConnections: Row = {
  name: "new-connections",
  title: "A connection for each request",
  targets: [{ caseName: "1 KB", peer: "nginx", ratioMax: 1.2 }],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const servers = await context.startServers(["weir", "nginx", "lighttpd", "h2o"], { dir });
    const load = {
      name: "1 KB",
      path: "/1k.bin",
      expected: { status: 200, body },
      fieldsFor: () => ["Connection: close"],
    };
    return { cases: [await measureAnswers(servers, load, context.form)] };
  },
};
