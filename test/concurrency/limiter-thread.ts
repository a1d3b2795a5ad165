// A thread of limiter.test.ts: asks for admissions as fast as it can, and notes between which two
// readings of the clock each was given, and some of the refusals.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../src/base/clock.ts";
import { SharedLimiter } from "../../src/limit/limiter.ts";
import { windowShape } from "../../src/limit/sliding-window.ts";
import type { SharedMemory } from "../../src/memory/memory-layout.ts";
import { hashKey } from "../../src/memory/shared-table.ts";
import type { Interval } from "../fixtures/admission-intervals.ts";
import { type StartLine, waitAtStartLine } from "./start-line.ts";

/** One limit under test, with a table of its own. */
export interface HammeredLimit {
  readonly memory: SharedMemory;
  readonly count: number;
  readonly windowMs: number;
  readonly clientCount: number;
}

export interface LimiterThreadData {
  readonly limits: readonly HammeredLimit[];
  readonly threadIndex: number;
  readonly durationMs: number;
  readonly startLine: StartLine;
}

/** What happened to one client under one limit. */
export interface ClientLog {
  readonly admissions: Interval[];
  readonly refusals: Interval[];
}

/** Refusals are too many to keep them all: every so many-th, so that they spread over the run. */
const REFUSALS_PER_NOTE = 97;
const NOTES_MAX = 1000;

const { limits, threadIndex, durationMs, startLine } = workerData as LimiterThreadData;

const subjects = limits.flatMap(({ memory, count, windowMs, clientCount }) => {
  const limiter = new SharedLimiter(memory, windowShape(count, windowMs), threadIndex);
  return Array.from({ length: clientCount }, (_, client) => ({
    limiter,
    key: hashKey(memory.hashSecret, `client ${client}`),
    log: { admissions: [], refusals: [] } as ClientLog,
    refusalCount: 0,
  }));
});

waitAtStartLine(startLine);
const endMs = systemClock.monotonicMs() + durationMs;
for (let nowMs = 0; nowMs < endMs; ) {
  for (const subject of subjects) {
    const fromMs = systemClock.monotonicMs();
    const { kind } = subject.limiter.admit(subject.key, fromMs);
    nowMs = systemClock.monotonicMs();
    if (kind === "admitted") {
      subject.log.admissions.push({ fromMs, toMs: nowMs });
    } else if (
      subject.refusalCount++ % REFUSALS_PER_NOTE === 0 &&
      subject.log.refusals.length < NOTES_MAX
    ) {
      subject.log.refusals.push({ fromMs, toMs: nowMs });
    }
  }
}
parentPort?.postMessage(subjects.map(({ log }) => log));
