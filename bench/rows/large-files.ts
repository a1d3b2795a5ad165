// What it costs to send larger bodies: most of it is the kernel's part.

import { measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import type { Case, Row } from "../row.ts";

/** One connection for the largest: with 64 none of its answers would end within a second. */
const FILES = [
  { name: "100 KB", file: "100k.bin", bytes: 100 * 1024, connections: 64 },
  { name: "1 MB", file: "1m.bin", bytes: 1024 * 1024, connections: 64 },
  { name: "100 MB", file: "100m.bin", bytes: 100 * 1024 * 1024, connections: 1 },
] as const;

export const largeFiles: Row = {
  name: "large-files",
  title: "Large files, kept connections",
  targets: FILES.flatMap(({ name }) =>
    ["nginx", "lighttpd", "h2o"].map((peer) => ({ caseName: name, peer, ratioMax: 1 })),
  ),
  async measure(context) {
    const dir = context.makeFolder();
    const servers = await context.startServers(["weir", "nginx", "lighttpd", "h2o"], { dir });
    const cases: Case[] = [];
    for (const { name, file, bytes, connections } of FILES) {
      const body = writeRandomFile(dir, file, bytes);
      const expected = { status: 200, body };
      const load = { name, path: `/${file}`, expected, connections, countsParts: true };
      cases.push(await measureAnswers(servers, load, context.form));
    }
    return { cases };
  },
};
