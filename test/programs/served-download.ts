// A server with a large file, and an empty folder for a client to download it into. For the tests in
// this folder.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, type Tree, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";

export const LARGE = randomBytes(12_000_000);

export interface ServedDownload {
  readonly url: string;
  /** What is served. */
  readonly dir: string;
  /** Where the client runs. */
  readonly folder: string;
  readonly call: (...args: string[]) => Promise<Buffer>;
  /** Fails unless the client's file is the one that was served. */
  readonly assertSame: (name?: string) => void;
  /** Ends the server. @returns the statuses that it has answered with */
  readonly statuses: () => Promise<string[]>;
}

/** undefined after `t.skip`. @param more served beside `large.bin` */
export async function serveDownload(
  t: TestContext,
  program: string,
  debianPackage: string,
  more: Tree = {},
): Promise<ServedDownload | undefined> {
  const path = requireProgram(t, program, debianPackage);
  if (path === undefined) return undefined;
  const dir = makeTempFolder(t);
  writeTree(dir, { "large.bin": LARGE, ...more });
  const folder = makeTempFolder(t);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--log", "common"] });
  return {
    url: weir.url,
    dir,
    folder,
    call: (...args) => runClient(path, args, folder),
    assertSame: (name = "large.bin") => {
      const expected = readFileSync(join(dir, name));
      assert.ok(
        readFileSync(join(folder, name)).equals(expected),
        `${name} is not as it was served`,
      );
    },
    statuses: async () => {
      await weir.stop();
      return Array.from(weir.stdout().matchAll(/" (\d{3}) \d+$/gm), ([, status = ""]) => status);
    },
  };
}
