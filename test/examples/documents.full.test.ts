// The PDF documents of the demonstration folder open in the reader that most others are built on.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { requireProgram } from "../fixtures/system-program.ts";

const run = promisify(execFile);
const EXAMPLES = fileURLToPath(new URL("../../examples/public", import.meta.url));
const DOCUMENTS = globSync("**/*.pdf", { cwd: EXAMPLES });

test("examples: has a document to open", () => {
  assert.ok(DOCUMENTS.length > 0);
});

for (const file of DOCUMENTS) {
  test(`${file}: opens, and has several pages`, async (t) => {
    const pdfinfo = requireProgram(t, "pdfinfo", "poppler-utils");
    if (pdfinfo === undefined) return;
    const { stdout, stderr } = await run(pdfinfo, [join(EXAMPLES, file)]);
    assert.equal(stderr, "");
    assert.ok(Number(/^Pages:\s+(\d+)$/m.exec(stdout)?.[1]) > 1, stdout);
  });
}
