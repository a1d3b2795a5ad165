// How much memory the process may use, and how much of it answers may take that their clients do not
// read. Called on the main thread as it counts and starts the threads.

import { totalmem } from "node:os";
import { readCgroupLimits } from "./cgroup-limits.ts";

/** The rest is for the program itself, for what it keeps of files, and for connections. */
const SEND_SHARE = 1 / 8;
/** Of a thread: some hundred readers that stall must find room everywhere. */
const THREAD_SEND_BYTES_MIN = 4 * 1024 * 1024;
/** Of all: 100,000 readers that stall fit in; more would only let attackers fill more. */
const SEND_BYTES_MAX = 1024 * 1024 * 1024;

/** Bytes that this machine, or the control group around the process, lets it use. */
export function readUsableMemory({ memoryBytes } = readCgroupLimits()): number {
  const unlimited = Number.POSITIVE_INFINITY;
  // Node knows the limits of systems that have no control groups; it says 0 where there is none.
  const boundBytes = process.constrainedMemory() || unlimited;
  return Math.min(memoryBytes ?? unlimited, boundBytes, totalmem());
}

/** What one of `threadCount` threads may hold of unread answers. */
export function sendBytesPerThread(usableBytes: number, threadCount: number): number {
  const sendBytes = Math.min(usableBytes * SEND_SHARE, SEND_BYTES_MAX);
  return Math.max(Math.floor(sendBytes / threadCount), THREAD_SEND_BYTES_MIN);
}
