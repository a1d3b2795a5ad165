// Finds out what standard output or standard error is, and opens it so that no write to it ever holds
// the main thread up: neither a terminal that was stopped (Ctrl-S), nor a pipe that is not read, nor a
// disk that hangs. Used by server/open-log.ts and server/warning.ts.

import { constants, fstatSync, openSync, type Stats } from "node:fs";
import { isatty } from "node:tty";
import { LogDescriptor, type LogSink, LogStream } from "./log-sink.ts";

const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;

const NAMES = { 1: "standard output", 2: "standard error" } as const;

/** Node opens /dev/null in the place of a standard stream that is closed when the process starts. */
export function openStandardSink(descriptor: 1 | 2): LogSink {
  const name = NAMES[descriptor];
  if (isatty(descriptor)) return openTerminal(descriptor, name);
  const stats = readStats(descriptor);
  if (stats?.isFIFO() || stats?.isSocket()) {
    return new LogStream(descriptor === 1 ? process.stdout : process.stderr, name);
  }
  return new LogDescriptor(descriptor, { name, isTerminal: false, isOwn: false });
}

/**
 * With a description of our own (open(2)), as O_NONBLOCK on the one that we were given would hold for
 * the shell as well. Where that is not permitted, as after `su`, the write waits on a file thread.
 */
function openTerminal(descriptor: number, name: string): LogSink {
  try {
    const own = openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    return new LogDescriptor(own, { name, isTerminal: true, isOwn: true });
  } catch {
    return new LogDescriptor(descriptor, { name, isTerminal: true, isOwn: false });
  }
}

/** Undefined for a descriptor that is closed. */
function readStats(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
