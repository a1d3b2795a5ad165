// Chooses where the access log goes and opens it, on the main thread before anything else starts: a
// log that cannot be written is told then, and not after a day of serving.

import { LogFile } from "../access-log/log-file.ts";
import { formatDroppedRemark } from "../access-log/log-line.ts";
import { LogOutput } from "../access-log/log-output.ts";
import type { LogSink } from "../access-log/log-sink.ts";
import { openStandardSink } from "../access-log/standard-sink.ts";
import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import type { ThreadLog } from "./thread-message.ts";
import { wantsColour } from "./wants-colour.ts";

type LogConfig = Pick<ServeConfig, "log" | "logFile">;

const STANDARD_OUTPUT = 1;

/**
 * @param warn prints one line for the person who runs the server
 * @throws OperationError when the file cannot be opened
 */
export async function openLog(config: LogConfig, warn: (line: string) => void): Promise<LogOutput> {
  const format = config.log === "off" ? "combined" : config.log;
  return new LogOutput({
    sink: await openSink(config),
    formatRemark: (count) => formatDroppedRemark(count, format, systemClock.wallMs()),
    warn,
  });
}

/** Whether there is a file that a signal opens anew. */
export function hasLogFile({ log, logFile }: LogConfig): boolean {
  return log !== "off" && logFile !== undefined;
}

/** What the threads have to know of it; undefined where there is no log. */
export function describeThreadLog(config: LogConfig): ThreadLog | undefined {
  const { log: format, logFile } = config;
  if (format === "off") return undefined;
  const isColoured = logFile === undefined && wantsColour(process.stdout, process.env);
  return { format, isColoured };
}

function openSink(config: LogConfig): LogSink | Promise<LogSink> {
  if (hasLogFile(config)) return LogFile.open(config.logFile as string);
  return openStandardSink(STANDARD_OUTPUT);
}
