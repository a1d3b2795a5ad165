// Runs every case of the corpora against the real server, one process for all of them: what one case
// leaves behind, a later one would show. The corpora are no part of this repository; WEIR_CORPORA
// names their folder, and without it there is nothing to run.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { makeAttackedFolder } from "./attacked-folder.ts";
import { type CaseResult, describeResult } from "./case-result.ts";
import { corporaFolder, readCorpora } from "./corpora.ts";
import { corpusList } from "./corpus-list.ts";
import { mustBeRefused } from "./parser-corpus.ts";

const folder = corporaFolder(process.env);
const skip = folder === undefined && "needs the corpora: set WEIR_CORPORA to their folder";

/** The cases that a server of files can be asked, of all 215. */
const PROBE_COUNT = 180;
/** The requests that Node's own parser refuses. */
const REFUSED_COUNT = 53;
/** How long descriptors may take to be closed after their connections. */
const CLOSE_MS_MAX = 60_000;

test("weir meets every corpus, and is afterwards as it was before", { skip }, async (t) => {
  const corpora = readCorpora(folder ?? "");
  const attacked = makeAttackedFolder(makeTempFolder(t), corpora.redirectCrlf);
  const weir = await startWeir(t, { dir: attacked.served, args: ["--rate", "off"] });
  await assertAnswers(weir);
  const descriptorCount = countDescriptors(weir);
  const resultsOf = new Map<string, readonly CaseResult[]>();

  for (const { name, run } of corpusList(weir, corpora, attacked)) {
    await t.test(`no case of ${name} fails`, async (inner) => {
      const results = await run();
      resultsOf.set(name, results);
      const failures = results.filter(({ verdict }) => verdict === "fail").map(describeResult);
      assert.deepEqual(failures, []);
      for (const result of results) {
        if (result.verdict === "warn") inner.diagnostic(describeResult(result));
      }
      assert.ok(results.length > 0);
    });
  }
  await t.test(`the corpora are whole [${PROBE_COUNT} probes, ${REFUSED_COUNT} refusals]`, () => {
    assert.equal(resultsOf.get("http11probe")?.length, PROBE_COUNT);
    assert.equal(corpora.llhttp.filter(mustBeRefused).length, REFUSED_COUNT);
    // Without redirects there would be nothing to lead anywhere.
    const isRedirect = ({ observed }: CaseResult): boolean => observed.startsWith("301 to ");
    assert.ok(resultsOf.get("redirect-crlf")?.some(isRedirect));
  });
  await t.test(
    "the process still answers, has lost no thread and holds no connection",
    async (inner) => {
      await assertAnswers(weir);
      assert.equal(weir.child.exitCode, null);
      assert.equal(weir.stderr().trimEnd().split("\n").length, 1, weir.stderr());
      await assertDescriptors(inner, weir, descriptorCount);
    },
  );
});

async function assertAnswers(weir: WeirProcess): Promise<void> {
  const answer = await fetch(`${weir.url}/sub/a.txt`, { headers: { connection: "close" } });
  assert.equal(await answer.text(), "a\n");
}

async function assertDescriptors(
  t: TestContext,
  weir: WeirProcess,
  countMax: number | undefined,
): Promise<void> {
  if (countMax === undefined) return t.skip("counts open files in /proc, as on Linux");
  const deadline = performance.now() + CLOSE_MS_MAX;
  while ((countDescriptors(weir) ?? 0) > countMax && performance.now() < deadline) await wait(50);
  assert.ok((countDescriptors(weir) ?? 0) <= countMax, `${countDescriptors(weir)} > ${countMax}`);
}

/** Open descriptors of the process; undefined where the system does not tell. */
function countDescriptors({ child }: WeirProcess): number | undefined {
  if (process.platform !== "linux") return undefined;
  return readdirSync(`/proc/${child.pid}/fd`).length;
}
