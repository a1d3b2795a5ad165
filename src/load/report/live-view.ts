// The live view of a load run on a terminal: a few lines, at most as wide as the terminal, drawn over the
// last ones and removed at the end. Used by command.ts.

import {
  columnsOf,
  formatCount,
  formatMs,
  formatRate,
  type Output,
} from "../../base/figure-text.ts";
import type { LiveState } from "../live-state.ts";

const BAR_COLUMN_COUNT_MAX = 40;
const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** Nothing can be laid out in fewer columns. */
const COLUMN_COUNT_MIN = 10;

/** Always the same number of lines, so that the view does not jump. Pure. */
export function formatLiveView(state: LiveState, columns: number): string[] {
  // Some terminals begin a new line after a line that fills their width.
  const width = Math.max(COLUMN_COUNT_MIN, columns - 1);
  return [
    formatProgress(state, width),
    formatFigures(state, width),
    formatStatuses(state, width),
    formatChart(state.ratesBySecond, width),
  ];
}

function formatProgress(state: LiveState, width: number): string {
  const { elapsedMs, plannedMs } = state;
  if (elapsedMs < 0) return cut(`warming up, ${formatElapsed(-elapsedMs)} left`, width);
  const planned = plannedMs === undefined ? "" : ` of ${formatElapsed(plannedMs)}`;
  const time = `${formatElapsed(elapsedMs)}${planned}`;
  const share = shareDone(state);
  if (share === undefined) return cut(time, width);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const columnCount = Math.min(BAR_COLUMN_COUNT_MAX, width - time.length - percent.length - 3);
  if (columnCount < 5) return cut(`${time} ${percent}`, width);
  const fullCount = Math.floor(share * columnCount);
  return `${time}  ${"█".repeat(fullCount)}${"░".repeat(columnCount - fullCount)} ${percent}`;
}

/** The share of the bound that is nearer; undefined if the run has none. */
function shareDone({ elapsedMs, plannedMs, done, planned }: LiveState): number | undefined {
  const shares = [
    ...(plannedMs === undefined ? [] : [elapsedMs / plannedMs]),
    ...(planned === undefined ? [] : [done / planned]),
  ].filter(Number.isFinite);
  return shares.length === 0 ? undefined : Math.min(1, Math.max(0, ...shares));
}

function formatFigures(state: LiveState, width: number): string {
  const { done, planned, rate, admittedRate, p50Ms, p99Ms } = state;
  const isAllAdmitted = Math.round(rate) === Math.round(admittedRate);
  return joinFitting(
    [
      `${formatCount(done)}${planned === undefined ? "" : ` of ${formatCount(planned)}`} done`,
      formatRate(rate),
      ...(isAllAdmitted ? [] : [`admitted ${formatRate(admittedRate)}`]),
      ...(p50Ms === undefined ? [] : [`p50 ${formatMs(p50Ms)}`]),
      ...(p99Ms === undefined ? [] : [`p99 ${formatMs(p99Ms)}`]),
    ],
    width,
  );
}

function formatStatuses({ byStatus, failed }: LiveState, width: number): string {
  const statuses = Object.entries(byStatus).map(
    ([status, count]) => `${status}: ${formatCount(count)}`,
  );
  const errors = failed > 0 ? [`errors: ${formatCount(failed)}`] : [];
  return joinFitting([...errors, ...statuses], width);
}

/** A column for each of the latest seconds, then the highest rate. */
function formatChart(ratesBySecond: readonly number[], width: number): string {
  const rateMax = Math.max(0, ...ratesBySecond);
  if (rateMax === 0) return "";
  const label = ` max ${formatRate(rateMax)}`;
  const columnCount = Math.max(0, width - label.length);
  const latest = columnCount === 0 ? [] : ratesBySecond.slice(-columnCount);
  const columns = latest.map(
    (rate) => LEVELS[Math.ceil((rate / rateMax) * LEVELS.length) - 1] ?? " ",
  );
  return cut(`${columns.join("")}${label}`, width);
}

/** As many parts as there is room for, beginning with the first. */
function joinFitting(parts: readonly string[], width: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}   ${part}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line === "" ? cut(parts[0] ?? "", width) : line;
}

/** One digit that moves, so that a person sees the run going on: `12.3 s`, `1:05 min`. */
function formatElapsed(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}

function cut(line: string, width: number): string {
  return line.slice(0, width);
}

type FormatLiveView = (state: LiveState, columns: number) => readonly string[];

export interface LiveView {
  readonly draw: (state: LiveState) => void;
  /** Leaves the terminal as if nothing had been drawn. */
  readonly erase: () => void;
}

/** Undefined when the output is not a terminal. */
export function startLiveView(output: Output, format: FormatLiveView): LiveView | undefined {
  if (output.isTTY !== true) return undefined;
  let drawnLineCount = 0;
  // Goes up to where the last view began and erases everything from there (ECMA-48 CPL and ED).
  const clearing = (): string => (drawnLineCount === 0 ? "" : `\u001b[${drawnLineCount}F\u001b[J`);
  return {
    draw(state) {
      const lines = format(state, columnsOf(output));
      output.write(`${clearing()}${lines.map((line) => `${line}\n`).join("")}`);
      drawnLineCount = lines.length;
    },
    erase() {
      output.write(clearing());
      drawnLineCount = 0;
    },
  };
}
