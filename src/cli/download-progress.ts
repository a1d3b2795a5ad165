// The line that shows on a terminal how far a download is: bytes, share, rate, time left. Drawn over
// itself, and taken away at the end; where standard error is no terminal there is none. What is over in
// a moment shows nothing. Used by transfer.ts.

import type { Clock } from "../base/clock.ts";
import { formatBytes } from "../report/figure-text.ts";
import type { Output } from "./command.ts";

const SILENT_MS = 700;
const REDRAW_MS = 200;
/** The rate is that of the latest seconds: of a slow start nothing is left after a while. */
const RATE_MS = 5000;
const BAR_COLUMNS_MAX = 30;
const BAR_COLUMNS_MIN = 10;
/** Where the terminal does not tell. */
const COLUMNS_DEFAULT = 80;

export interface ProgressFacts {
  readonly bytes: number;
  readonly totalBytes: number | undefined;
  /** Bytes a second; undefined before there is anything to tell. */
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
      : `${formatSpan((totalBytes - bytes) / rate)} left`;
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
function formatSpan(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export class DownloadProgress {
  readonly #output: Output & { readonly columns?: number };
  readonly #clock: Clock;
  readonly #startMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;
  /** Bytes at moments of the latest seconds, the oldest first; some 25 at most. */
  #readings: { readonly ms: number; readonly bytes: number }[] = [];

  constructor(output: Output & { readonly columns?: number }, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /** Called for each piece that came. */
  show(bytes: number, totalBytes: number | undefined): void {
    if (this.#output.isTTY !== true) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const earlier = this.#readings.at(-1)?.bytes ?? bytes;
    // It began again: what came before says nothing about the rate.
    if (bytes < earlier) this.#readings = [];
    this.#readings.push({ ms: nowMs, bytes });
    while (this.#readings.length > 2 && this.#readings[0]!.ms < nowMs - RATE_MS)
      this.#readings.shift();
    if (nowMs - this.#startMs < SILENT_MS) return;
    const [first] = this.#readings;
    const spanMs = nowMs - first!.ms;
    const rate = spanMs > 0 ? ((bytes - first!.bytes) * 1000) / spanMs : undefined;
    const columns = this.#output.columns || COLUMNS_DEFAULT;
    this.#output.write(`\r\u001b[K${formatProgress({ bytes, totalBytes, rate }, columns)}`);
    this.#isDrawn = true;
  }

  /** Leaves the line empty, for what is printed next. */
  erase(): void {
    if (this.#isDrawn) this.#output.write("\r\u001b[K");
    this.#isDrawn = false;
  }
}
