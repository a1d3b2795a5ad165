// How many connections the process can hold: each needs a descriptor for itself and one for the file
// it is being sent.

import { readFileSync } from "node:fs";

/** The log, the hit store, listeners, and the threads' own pipes. */
const RESERVED_DESCRIPTORS = 128;
/** What systems without /proc give a process at least. */
const USUAL_LIMIT = 1024;

/** The process's descriptor limit (Node raises the soft limit to the hard one as it starts). */
export function readDescriptorLimit(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return match === null ? USUAL_LIMIT : Number(match[1]);
  } catch {
    return USUAL_LIMIT;
  }
}

/** Connections that one of `threadCount` threads may hold open. */
export function connectionsPerThread(descriptorLimit: number, threadCount: number): number {
  return Math.max(16, Math.floor((descriptorLimit - RESERVED_DESCRIPTORS) / 2 / threadCount));
}
