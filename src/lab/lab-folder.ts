// The small folder that the lab's servers serve, made for one run of the lab and removed after it.

import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The one file in the folder, and the target that names it. */
export const labFileName = "page.html";
export const labTarget = `/${labFileName}`;

const page = "<!doctype html>\n<title>weir lab</title>\n<p>A page to ask for.</p>\n";

/** Runs `use` with the path of the folder, which is gone afterwards, also when the process exits. */
export async function withLabFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "weir-lab-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    await writeFile(join(folder, labFileName), page);
    return await use(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}
