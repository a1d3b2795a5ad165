// What `weir get` tells a person: the line on a terminal that shows how far a download is, and the words
// for sizes, statuses and failures. Used by transfer.ts and command.ts.

import { STATUS_CODES } from "node:http";
import type { Clock } from "../base/clock.ts";
import { columnsOf, formatBytes, type Output } from "../base/figure-text.ts";
import {
  describeNetworkError,
  isUnknownAuthority,
  type SystemError,
} from "../base/operation-error.ts";
import { quote } from "../config/usage-error.ts";
import type { Version } from "./continuation.ts";

const SILENT_MS = 700;
const REDRAW_MS = 200;
/** The rate is that of the latest seconds, so a slow start does not count for long. */
const RATE_MS = 5000;
const BAR_COLUMNS_MAX = 30;
const BAR_COLUMNS_MIN = 10;

interface ProgressFacts {
  readonly bytes: number;
  readonly totalBytes: number | undefined;
  /** Bytes a second; undefined before it is known. */
  readonly rate: number | undefined;
}

/** Pure. One line that fits into `columns`. */
export function formatProgress(
  { bytes, totalBytes, rate }: ProgressFacts,
  columns: number,
): string {
  const share = totalBytes === undefined ? undefined : Math.min(1, bytes / Math.max(1, totalBytes));
  const left =
    rate === undefined || rate <= 0 || totalBytes === undefined
      ? undefined
      : `${formatTimeLeft((totalBytes - bytes) / rate)} left`;
  const facts = [
    totalBytes === undefined
      ? formatBytes(bytes)
      : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    share === undefined ? undefined : `${Math.floor(share * 100)} %`,
    rate === undefined ? undefined : `${formatBytes(Math.round(rate))}/s`,
    left,
  ].filter((fact) => fact !== undefined);
  const text = facts.join("  ");
  const barColumns = Math.min(BAR_COLUMNS_MAX, columns - text.length - 5);
  if (share === undefined || barColumns < BAR_COLUMNS_MIN) return text.slice(0, columns - 1);
  const filled = Math.floor(share * barColumns);
  return `[${"#".repeat(filled)}${" ".repeat(barColumns - filled)}]  ${text}`;
}

/** `8 s`, `2 min 5 s`, `1 h 20 min`. */
function formatTimeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * The progress line: drawn over itself and removed at the end. There is none if standard error is not a
 * terminal, and none for a download that is over in a moment.
 */
export class DownloadProgress {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #startMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;
  /** How many bytes there were at moments of the latest seconds, the oldest first; about 25 at most. */
  #readings: { readonly ms: number; readonly bytes: number }[] = [];

  constructor(output: Output, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /** Call this for each piece that comes. */
  show(bytes: number, totalBytes: number | undefined): void {
    if (this.#output.isTTY !== true) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const earlier = this.#readings.at(-1)?.bytes ?? bytes;
    // The download started over: what came before says nothing about the rate.
    if (bytes < earlier) this.#readings = [];
    this.#readings.push({ ms: nowMs, bytes });
    while (this.#readings.length > 2 && this.#readings[0]!.ms < nowMs - RATE_MS)
      this.#readings.shift();
    if (nowMs - this.#startMs < SILENT_MS) return;
    const [first] = this.#readings;
    const spanMs = nowMs - first!.ms;
    const rate = spanMs > 0 ? ((bytes - first!.bytes) * 1000) / spanMs : undefined;
    const columns = columnsOf(this.#output);
    this.#output.write(`\r\u001b[K${formatProgress({ bytes, totalBytes, rate }, columns)}`);
    this.#isDrawn = true;
  }

  /** Clears the line, for what is printed next. */
  erase(): void {
    if (this.#isDrawn) this.#output.write("\r\u001b[K");
    this.#isDrawn = false;
  }
}

/** `8 bytes`. */
export function formatByteCount(bytes: number): string {
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** `3.0 MiB of 60.0 MiB`, or `3.0 MiB` when the size of the whole is unknown. */
export function formatPart(bytes: number, { totalBytes }: Version): string {
  const part = formatBytes(bytes);
  return totalBytes === undefined ? part : `${part} of ${formatBytes(totalBytes)}`;
}

/** `HTTP 404 Not Found`. */
export function formatStatus(status: number): string {
  return `HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

/** One line, and another if the server says when to come back. */
export function describeStatus(status: number, retryAfter: string | undefined): string {
  const line = formatStatus(status);
  if ((status !== 429 && status !== 503) || retryAfter === undefined) return `${line}\n`;
  const isSeconds = /^\d+$/.test(retryAfter);
  const hint = isSeconds ? `in ${retryAfter} s` : `at ${quote(retryAfter).slice(1, -1)}`;
  return `${line}\nThe server asks to try again ${hint}.\n`;
}

/** Why there is no answer, or not a complete one. */
export function describeDownloadError(error: unknown): string {
  const { code, message, syscall } = error as SystemError;
  if (code === "ECONNRESET" && message === "socket hang up") {
    return "the connection was closed before the answer began";
  }
  // Without a system call the error is Node's own: the end came too early.
  if ((code === "ECONNRESET" && syscall === undefined) || code === "ERR_STREAM_PREMATURE_CLOSE") {
    return "the connection was closed before the answer was complete";
  }
  const words = describeNetworkError(error);
  if (!isUnknownAuthority(error)) return words;
  return `${words}; NODE_EXTRA_CA_CERTS=FILE in the environment names authorities to trust`;
}
