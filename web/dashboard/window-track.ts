// The window of one client as a track: each admission is a mark that enters at the right and leaves at the left
// one window later. client-view.ts uses one for each row; track-motion.ts moves all of them.

import { formatMarkPath, mergeAdmissions, shiftPercent, TRACK_DELAY_MS } from "./window-marks.ts";

const SVG = "http://www.w3.org/2000/svg";

export class WindowTrack {
  readonly element: SVGSVGElement;
  readonly #path: SVGPathElement;
  #admissionsMs: number[] = [];
  #anchorMs = 0;
  #windowMs = 1;
  #pathText = "";
  #shiftText = "";

  constructor() {
    this.element = document.createElementNS(SVG, "svg");
    // The path is as long as the track, whatever its width: 1,000 units are one window.
    this.element.setAttribute("viewBox", "0 0 1000 10");
    this.element.setAttribute("preserveAspectRatio", "none");
    this.#path = document.createElementNS(SVG, "path");
    this.element.append(this.#path);
  }

  /**
   * Shows the admissions of a snapshot. A moving track is drawn late, and keeps those that have left the
   * window but not yet its picture.
   */
  note(agesMs: readonly number[], snapshotMs: number, windowMs: number, isMoving: boolean): void {
    const delayMs = isMoving ? TRACK_DELAY_MS : 0;
    this.#admissionsMs = mergeAdmissions(this.#admissionsMs, agesMs, snapshotMs, windowMs, delayMs);
    this.#anchorMs = snapshotMs;
    this.#windowMs = windowMs;
    const pathText = formatMarkPath(this.#admissionsMs, snapshotMs, windowMs);
    if (pathText !== this.#pathText) this.#path.setAttribute("d", pathText);
    this.#pathText = pathText;
    if (!isMoving) this.moveTo(snapshotMs);
  }

  /** The window that ends at `shownMs`, on the server's clock. */
  moveTo(shownMs: number): void {
    if (this.#admissionsMs.length === 0) return;
    const shift = shiftPercent(shownMs, this.#anchorMs, this.#windowMs);
    const shiftText = `translateX(${shift.toFixed(2)}%)`;
    if (shiftText !== this.#shiftText) this.element.style.transform = shiftText;
    this.#shiftText = shiftText;
  }
}
