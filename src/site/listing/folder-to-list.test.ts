import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTempFolder, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { systemClock } from "../../base/clock.ts";
import { openServed } from "../file/open-served.ts";
import { resolvePath, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { ServedFolderToList } from "./folder-to-list.ts";
import { createJsonForm } from "./json.ts";
import { listingParts } from "./parts.ts";
import { parseListingQuery } from "./query.ts";
import { RememberedFolders } from "./remembered-folders.ts";
import { PAUSE, type SlicedWork, WorkPlace } from "./time-slice.ts";

const RULES = { hidden: false, symlinks: "inside", types: undefined } as const;

function pathOf(rawPath: string): SafePath {
  const resolved = resolvePath(rawPath);
  return resolved.kind === "path" ? resolved.path : assert.fail(rawPath);
}

function beginListing(t: TestContext, folder: ServedFolder, workPlace: WorkPlace) {
  const path = pathOf("/folder/");
  const opened = openServed(folder, path);
  assert.ok(opened.kind === "folder");
  const memory = { folders: new RememberedFolders(systemClock), workPlace };
  const parts = listingParts({
    form: createJsonForm({ prefix: "", isShared: true }),
    pathSegments: path.segments,
    query: parseListingQuery("sort=hits"),
    entriesPerPage: undefined,
    hitsOf: () => 0,
    folder: new ServedFolderToList(folder, path, opened.folder, memory),
  });
  t.after(() => parts.return());
  return parts;
}

function* pauseForever(): SlicedWork<void> {
  for (;;) yield PAUSE;
}

/** Their listings are long enough to wait in different places of their preparation. */
for (const fileCount of [100, 200, 300, 400, 600, 1000]) {
  test(`a listing that waits for another one lists its folder wherever that is moved to [${fileCount} files]`, async (t) => {
    const rootDir = makeTempFolder(t);
    writeTree(rootDir, { folder: {} });
    for (let index = 0; index < fileCount; index++) {
      writeFileSync(join(rootDir, "folder", `${index}.txt`), "");
    }
    const workPlace = new WorkPlace();
    const other = workPlace.run(pauseForever);
    // Long work goes to the place.
    for (let step = 0; step < 100; step++) other.next();
    let text = "";
    for (const step of beginListing(t, { rootDir, rules: RULES }, workPlace)) {
      if (typeof step === "string") text += step;
      else {
        renameSync(join(rootDir, "folder"), join(rootDir, "moved"));
        other.return();
        await step;
      }
    }
    const { entries } = JSON.parse(text) as { entries: readonly unknown[] };
    assert.equal(entries.length, fileCount);
  });
}
