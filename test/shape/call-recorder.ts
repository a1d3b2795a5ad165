// Loaded into a server before its own code (`node --import`): counts how often each function of its server
// thread is called, by V8's precise coverage, and gives the counts to whoever connects to the Unix socket that
// the environment names. Used by request-calls.ts alone. While V8 counts it inlines nothing, so it misses no
// call.

import { Session } from "node:inspector";
import { createServer } from "node:net";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { CalledFunction } from "./request-calls.ts";

/** The thread that answers requests; in a worker this is the path of the file that it runs. */
const SERVER_THREAD = /\/server-thread\.[jt]s$/;

const socketPath = process.env.CALL_RECORDER_SOCKET;
if (!isMainThread && SERVER_THREAD.test(process.argv[1] ?? "") && socketPath !== undefined) {
  recordCalls(socketPath);
}

function recordCalls(path: string): void {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  const server = createServer((socket) => {
    // A parent that has been stopped; there is nobody to report it to.
    socket.on("error", () => {});
    socket.end(JSON.stringify(takeCalls(session)));
  });
  // A server that has been told to stop must be able to end.
  server.listen(path).unref();
}

/** The calls since they were taken last: V8 sets its counters to zero when it gives them. */
function takeCalls(session: Session): CalledFunction[] {
  const called: CalledFunction[] = [];
  // In its own thread a session answers before `post` returns.
  session.post("Profiler.takePreciseCoverage", (error, coverage) => {
    if (error !== null) throw error;
    for (const { url, functions } of coverage.result) {
      for (const { functionName, ranges } of functions) {
        const { count = 0, startOffset = 0 } = ranges[0] ?? {};
        // The body of a whole module begins at 0: it is imported and not called.
        if (count === 0 || startOffset === 0) continue;
        called.push({ url, name: functionName, offset: startOffset, count });
      }
    }
  });
  return called;
}
