// What it costs to say no: to a client that has the file already (304), and to one that asks too
// often (429), which has to be cheaper than to serve it.

import { ask } from "../ask.ts";
import { measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import type { Row } from "../row.ts";

const FILE = "1k.bin";
/** Every second the limit lets five requests of a client pass. */
const ADMITTED_PER_SECOND = 5;

export const refusals: Row = {
  name: "refusals",
  title: "Not modified, and refused by the limit",
  targets: [
    { caseName: "304", peer: "nginx", ratioMax: 0.8 },
    { caseName: "429", peer: "nginx", ratioMax: 0.8 },
  ],
  async measure(context) {
    const dir = context.makeFolder();
    writeRandomFile(dir, FILE, 1024);
    const path = `/${FILE}`;
    const servers = await context.startServers(["weir", "nginx", "lighttpd"], { dir });
    const tags = new Map<string, string>();
    for (const { name, url } of servers) {
      const { etag } = (await ask(`${url}${path}`)).fields;
      tags.set(name, etag ?? "");
    }
    const known = {
      name: "304",
      path,
      expected: { status: 304, body: Buffer.alloc(0) },
      fieldsFor: ({ name }: { name: string }) => [`If-None-Match: ${tags.get(name)}`],
    };
    const limited = await context.startServers(["weir", "nginx"], { dir, refuses: true });
    const refused = {
      name: "429",
      path,
      expected: { status: 429 },
      othersPerSecond: ADMITTED_PER_SECOND,
    };
    return {
      cases: [
        await measureAnswers(servers, known, context.form),
        await measureAnswers(limited, refused, context.form),
      ],
    };
  },
};
