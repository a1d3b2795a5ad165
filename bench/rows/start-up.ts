// From starting the program to its first answer, as a person who types the command waits for it.

import { ask, checkAnswer } from "../ask.ts";
import { writeRandomFile } from "../file-tree.ts";
import { measureInTurn } from "../measure-in-turn.ts";
import { PEERS } from "../peers/peer-list.ts";
import type { Row } from "../row.ts";
import type { RowContext } from "../row-context.ts";

const NAMES = ["weir", "serve", "httpServer"] as const;
const PATH = "/1k.bin";
/** A start takes no second, so there can be more rounds than of a load. */
const STARTS_PER_ROUND = 2;

export const startUp: Row = {
  name: "start-up",
  title: "From the command to the first answer",
  targets: [
    { caseName: "start", peer: "serve", ratioMax: 1 },
    { caseName: "start", peer: "http-server", ratioMax: 1 },
  ],
  bounds: [{ caseName: "start", valueMax: 150 }],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const installed = NAMES.filter((name) => PEERS[name].find() !== undefined);
    const contenders = installed.map((name) => ({
      name: PEERS[name].name,
      measure: () => measureStart(context, name, dir, body),
    }));
    const rounds = context.form.rounds * STARTS_PER_ROUND;
    const series = await measureInTurn(contenders, { ...context.form, rounds });
    return { cases: [{ name: "start", unit: "ms", series }] };
  },
};

async function measureStart(
  context: RowContext,
  name: (typeof NAMES)[number],
  dir: string,
  body: Buffer,
): Promise<number> {
  const server = await context.startServer(name, { dir, isUnpinned: true }, PATH);
  if (server === undefined) return Number.NaN;
  const url = `${server.url}${PATH}`;
  checkAnswer(server.name, url, await ask(url), { status: 200, body });
  await context.stopServer(server);
  return server.startMs;
}
