// The live view of a load run on a terminal: drawn over itself, and taken away at the end. Where
// standard error is no terminal there is none. Used by load-command.ts.

import type { LiveState } from "../load/live-state.ts";
import type { Output } from "./command.ts";

/** Where the system does not tell. */
const columnCountDefault = 80;

export type FormatLiveView = (state: LiveState, columns: number) => readonly string[];

export interface LiveView {
  readonly draw: (state: LiveState) => void;
  /** Leaves the terminal as if nothing had been drawn. */
  readonly erase: () => void;
}

/** Undefined where nobody would see it. */
export function startLiveView(
  output: Output & { readonly columns?: number },
  format: FormatLiveView,
): LiveView | undefined {
  if (output.isTTY !== true) return undefined;
  let drawnLineCount = 0;
  // Up to where the last view began, and everything from there away (ECMA-48 CPL and ED).
  const clearing = (): string => (drawnLineCount === 0 ? "" : `\u001b[${drawnLineCount}F\u001b[J`);
  return {
    draw(state) {
      const lines = format(state, output.columns || columnCountDefault);
      output.write(`${clearing()}${lines.map((line) => `${line}\n`).join("")}`);
      drawnLineCount = lines.length;
    },
    erase() {
      output.write(clearing());
      drawnLineCount = 0;
    },
  };
}
