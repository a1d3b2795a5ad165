// Reads what bench/wrk-script.lua prints at the end of a load, strictly: what is not understood, and
// any error of a socket, is an error of the run. Pure.

import { OperationError } from "../src/base/operation-error.ts";

export interface WrkResult {
  /** Whole answers. */
  readonly requests: number;
  /** Read from sockets, heads included, and with those of answers that were cut off at the end. */
  readonly bytes: number;
  readonly seconds: number;
  /** Answers with a status of 400 or more. */
  readonly errorAnswers: number;
  /** Answers by status; empty when they were not counted. */
  readonly statuses: Readonly<Record<string, number>>;
}

const LINE =
  /^weir-bench requests=(\d+) bytes=(\d+) duration_us=(\d+) connect=(\d+) read=(\d+) write=(\d+) timeout=(\d+) above_399=(\d+) statuses=([\d:,]*)$/m;

/** Throws `OperationError` when the line is missing, nothing was answered, or a socket failed. */
export function parseWrkOutput(text: string): WrkResult {
  const match = LINE.exec(text);
  if (match === null) throw new OperationError(`wrk printed no result: ${text.trim()}`);
  const [requests = 0, bytes = 0, durationUs = 0, ...errors] = match.slice(1, 9).map(Number);
  const [connect = 0, read = 0, write = 0, timeout = 0, errorAnswers = 0] = errors;
  if (connect + read + write + timeout > 0) {
    throw new OperationError(
      `wrk met socket errors: connect ${connect}, read ${read}, write ${write}, timeout ${timeout}`,
    );
  }
  if (requests === 0 && bytes === 0) throw new OperationError("wrk got no answer");
  const statuses = parseStatuses(match[9] ?? "");
  return { requests, bytes, seconds: durationUs / 1e6, errorAnswers, statuses };
}

/** `200:17,304:3` */
function parseStatuses(text: string): Record<string, number> {
  const pairs = text.split(",").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [status = "", count] = pair.split(":");
      return [status, Number(count)];
    }),
  );
}
