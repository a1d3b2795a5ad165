// How many server threads there are when the person names no number: one for each core, but no more
// than the processors, the memory and the descriptors that the process is allowed. `--workers` is
// obeyed as it is. Called by the serve command.

import { availableParallelism } from "node:os";
import { THREADS_MAX } from "../shared-memory/memory-layout.ts";
import { type CgroupLimits, readCgroupLimits } from "./cgroup-limits.ts";
import { readDescriptorLimit, threadsWithin } from "./descriptor-limit.ts";
import { readUsableMemory } from "./memory-limit.ts";

export interface MachineBounds extends CgroupLimits {
  readonly coreCount: number;
  readonly descriptorLimit: number;
}

const MIB = 1024 * 1024;
/** The main thread, Node itself and the shared tables: 92 MB at rest (resident, Node 26.10, x86-64). */
const PROCESS_BYTES = 128 * MIB;
/**
 * A thread takes 26 MB at rest (117 MB with one, 920 MB with 32, after a start and no request). The rest
 * is for what it holds under load: 32 MiB of answers (files/hot-files.ts), and its connections.
 */
const THREAD_BYTES = 64 * MIB;

/** At least 1. */
export function chooseWorkerCount({
  coreCount,
  cpuCount = coreCount,
  memoryBytes,
  descriptorLimit,
}: MachineBounds): number {
  // Half a processor more than a whole one is of use to a second thread.
  const ofCpu = Math.min(coreCount, Math.ceil(cpuCount));
  const ofMemory =
    memoryBytes === undefined
      ? THREADS_MAX
      : Math.floor((memoryBytes - PROCESS_BYTES) / THREAD_BYTES);
  return Math.max(1, Math.min(ofCpu, ofMemory, threadsWithin(descriptorLimit), THREADS_MAX));
}

export function readMachineBounds(): MachineBounds {
  const limits = readCgroupLimits();
  return {
    coreCount: availableParallelism(),
    cpuCount: limits.cpuCount,
    memoryBytes: readUsableMemory(limits),
    descriptorLimit: readDescriptorLimit(),
  };
}
