// git as a client of plain files ("dumb" HTTP): a bare repository in the served folder, cloned and
// fetched from, with loose objects and with packs.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { assertSameTree, writeSampleTree } from "./sample-tree.ts";

const env = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "weir",
  GIT_AUTHOR_EMAIL: "weir@weir.test",
  GIT_COMMITTER_NAME: "weir",
  GIT_COMMITTER_EMAIL: "weir@weir.test",
};

for (const form of ["loose objects", "a pack"]) {
  test(`git clones and fetches a bare repository of plain files [${form}]`, async (t) => {
    const git = requireProgram(t, "git", "git");
    if (git === undefined) return;
    const folder = makeTempFolder(t);
    writeTree(folder, { work: {}, served: {}, out: {} });
    const [work, served, out] = ["work", "served", "out"].map((name) => join(folder, name));
    const run = (args: readonly string[], cwd: string) => runClient(git, args, cwd, env);
    writeSampleTree(work!);
    await run(["init", "-q", "-b", "main"], work!);
    const commit = async (): Promise<void> => {
      await run(["add", "-A"], work!);
      await run(["commit", "-q", "-m", "a change"], work!);
      await run(["push", "-q", join(served!, "repo.git"), "main"], work!);
      if (form === "a pack") await run(["repack", "-a", "-d", "-q"], join(served!, "repo.git"));
      await run(["update-server-info"], join(served!, "repo.git"));
    };
    await run(["init", "-q", "--bare", "-b", "main", "repo.git"], served!);
    await commit();
    const weir = await startWeir(t, { dir: served!, args: ["--rate", "off"] });
    await run(["clone", "-q", `${weir.url}/repo.git`, "copy"], out!);
    const copy = join(out!, "copy");
    await run(["fsck", "--full", "--strict"], copy);
    appendFileSync(join(work!, "a.txt"), "more\n");
    await commit();
    await run(["pull", "-q"], copy);
    assert.equal(readFileSync(join(copy, "a.txt"), "utf8"), "a\nmore\n");
    const heads = await Promise.all([work!, copy].map((cwd) => run(["rev-parse", "HEAD"], cwd)));
    assert.deepEqual(heads[0], heads[1]);
    for (const tree of [work!, copy]) await runClient("rm", ["-r", ".git"], tree);
    assertSameTree(copy, work!);
  });
}
