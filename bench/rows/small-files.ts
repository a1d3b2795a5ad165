// The claim that matters most: what a small file costs on a kept connection.

import { measureAnswers } from "../cpu-per-answer.ts";
import { writeRandomFile } from "../file-tree.ts";
import type { Case, Row } from "../row.ts";

const FILES = [
  { name: "1 KB", file: "1k.bin", bytes: 1024 },
  { name: "10 KB", file: "10k.bin", bytes: 10 * 1024 },
] as const;

/** The first row of a run: longer, because what is compiled while it runs comes to its best later. */
const WARM_UPS = 2;

export const smallFiles: Row = {
  name: "small-files",
  title: "Small files, kept connections",
  targets: FILES.flatMap(({ name }) => [
    { caseName: name, peer: "nginx", ratioMax: 0.8 },
    { caseName: name, peer: "nginx limit_req", ratioMax: 0.8 },
    { caseName: name, peer: "lighttpd", ratioMax: 1 },
    { caseName: name, peer: "h2o", ratioMax: 1 },
    { caseName: name, peer: "kernel floor", ratioMax: 1.2 },
  ]),
  async measure(context) {
    const dir = context.makeFolder();
    const bodies = FILES.map(({ file, bytes }) => writeRandomFile(dir, file, bytes));
    const names = ["weir", "nginx", "nginxWithLimit", "lighttpd", "h2o"] as const;
    const servers = await context.startServers(names, { dir });
    const cases: Case[] = [];
    const form = { ...context.form, warmUpSeconds: WARM_UPS * context.form.warmUpSeconds };
    for (const [index, { name, file }] of FILES.entries()) {
      const floors = await context.startServers(["kernelFloor"], { dir, floorFile: file });
      const load = { name, path: `/${file}`, expected: { status: 200, body: bodies[index]! } };
      cases.push(await measureAnswers([...servers, ...floors], load, form));
    }
    return { cases };
  },
};
