// How many connections and threads the process can hold: a connection needs a descriptor for itself
// and one for the file it is being sent, a thread has some of its own.

import { readFileSync } from "node:fs";

/** The main thread's own, the log, the hit store and a few for files that are read at the start. */
const PROCESS_DESCRIPTORS = 32;
/** Of a server thread at rest, as /proc/PID/fd shows them: Node's event loop, and a listener. */
const THREAD_DESCRIPTORS = 7;
const CONNECTION_DESCRIPTORS = 2;
/** With fewer a thread is of no use; a browser opens six. */
const THREAD_CONNECTIONS_MIN = 4;
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
  const left = descriptorLimit - PROCESS_DESCRIPTORS - THREAD_DESCRIPTORS * threadCount;
  return Math.max(THREAD_CONNECTIONS_MIN, Math.floor(left / CONNECTION_DESCRIPTORS / threadCount));
}

/** Threads for which the descriptors are enough, with the few connections that each has at least. */
export function threadsWithin(descriptorLimit: number): number {
  const ofThread = THREAD_DESCRIPTORS + CONNECTION_DESCRIPTORS * THREAD_CONNECTIONS_MIN;
  return Math.max(1, Math.floor((descriptorLimit - PROCESS_DESCRIPTORS) / ofThread));
}
