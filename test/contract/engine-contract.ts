// What every engine must do (src/http/engine.ts), whatever protocol it speaks and over whatever its bytes
// come: cases that are run by engine.test.ts and engine.full.test.ts. A new engine passes all of them.

import type { TestContext } from "node:test";
import { ANSWERING, FAILING } from "./engine-answers.ts";
import type { EngineCase } from "./engine-case.ts";
import type { EngineSubject } from "./engine-subjects.ts";
import { WAITING } from "./engine-waits.ts";
import { RecordingHandler } from "./recording-handler.ts";

export const ENGINE_CASES: readonly EngineCase[] = [...ANSWERING, ...FAILING, ...WAITING];

const SKIPPED = Symbol("skipped");

/** Runs a case on a connection of its own; not at all after a skip. */
export async function runEngineCase(
  t: TestContext,
  subject: EngineSubject,
  { run }: EngineCase,
): Promise<void> {
  try {
    await run(async (reply) => {
      const handler = new RecordingHandler(reply);
      const opened = await subject.open(t, handler);
      if (opened === undefined) throw SKIPPED;
      return { ...opened, handler };
    });
  } catch (error) {
    if (error !== SKIPPED) throw error;
  }
}
