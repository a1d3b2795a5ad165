// The end of a process that may have threads which never return from the system, as those that wait for
// a network disk that is gone. process.exit() and worker.terminate() wait for such threads without end.

/**
 * Ends the process with `exitCode`, whatever its threads do: it becomes a Node.js that only exits, and
 * the system ends all other threads for that (execve(2)). A signal to ourselves would do so as well, but
 * has no exit code 0, and does nothing to the first process of a container.
 */
export function endWithoutWaiting(exitCode: number): never {
  try {
    process.execve?.(process.execPath, [process.execPath, "-e", `process.exit(${exitCode})`], {});
  } catch {
    // Not permitted, or that Node.js has been removed meanwhile.
  }
  process.kill(process.pid, "SIGKILL");
  return process.exit(exitCode);
}
