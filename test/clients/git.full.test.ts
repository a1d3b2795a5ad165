// git as a client: it clones a repository from its bare files, without a server of its own.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { runClient } from "./run-client.ts";
import { serveDownload } from "./served-download.ts";

const ME = ["-c", "user.name=weir", "-c", "user.email=weir@weir.test"];

test("git clones from a folder with packed and loose objects, and fetches what is new", async (t) => {
  const client = await serveDownload(t, "git", "git");
  if (client === undefined) return;
  const { url, dir, folder, call } = client;
  const work = makeTempFolder(t);
  const git = (...args: string[]) => runClient("git", [...ME, ...args], work);
  const commit = async (name: string) => {
    writeFileSync(join(work, name), randomBytes(300_000));
    await git("add", ".");
    await git("commit", "--quiet", "--message", name);
  };
  const publish = async () => {
    await git("push", "--quiet", bare, "HEAD:refs/heads/main");
    await runClient("git", ["update-server-info"], bare);
  };
  const bare = join(dir, "repository.git");
  await git("init", "--quiet", "--initial-branch=main");
  await git("init", "--quiet", "--bare", "--initial-branch=main", bare);
  await commit("one");
  await commit("two");
  await publish();
  await runClient("git", ["gc", "--quiet"], bare);
  await runClient("git", ["update-server-info"], bare);
  await call("clone", "--quiet", `${url}/repository.git`, "clone");
  await commit("three");
  await publish();
  await call("-C", "clone", "pull", "--quiet");
  for (const name of ["one", "two", "three"]) {
    const cloned = readFileSync(join(folder, "clone", name));
    assert.ok(cloned.equals(readFileSync(join(work, name))), name);
  }
});
