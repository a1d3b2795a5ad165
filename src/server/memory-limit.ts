// How much memory the process may use, and how much of it answers may take that their clients do not
// read. Called on the main thread as it starts the threads.

import { totalmem } from "node:os";

/** The rest is for the program itself, for what it keeps of files, and for connections. */
const SEND_SHARE = 1 / 8;
/** Of a thread: some hundred readers that stall must find room everywhere. */
const THREAD_SEND_BYTES_MIN = 4 * 1024 * 1024;
/** Of all: 100,000 readers that stall fit in; more would only let attackers fill more. */
const SEND_BYTES_MAX = 1024 * 1024 * 1024;

/** Bytes that this machine, or the cgroup around the process, lets it use. */
export function readUsableMemory(): number {
  const machineBytes = totalmem();
  // 0 or more than there is: nothing bounds it but the machine.
  const boundBytes = process.constrainedMemory();
  return boundBytes > 0 ? Math.min(boundBytes, machineBytes) : machineBytes;
}

/** What one of `threadCount` threads may hold of unread answers. */
export function sendBytesPerThread(usableBytes: number, threadCount: number): number {
  const sendBytes = Math.min(usableBytes * SEND_SHARE, SEND_BYTES_MAX);
  return Math.max(Math.floor(sendBytes / threadCount), THREAD_SEND_BYTES_MIN);
}
