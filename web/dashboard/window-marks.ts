// Which admissions of a client its track shows, and where: the geometry of a moving window. Pure. Times are ms
// on the server's clock. Called by window-track.ts, which draws.

/** The window is drawn this late, so that an admission is known before it enters at the right. */
export const TRACK_DELAY_MS = 1_100;

/** In a longer window a mark moves so little in a second that a step each second is smooth. */
export const MOVING_WINDOW_MS_MAX = 10_000;

/** The length of a track in units, whatever the window. */
export const TRACK_UNITS = 1_000;

/**
 * The times of the admissions, the oldest first: those of the snapshot (`agesMs` before `snapshotMs`), and
 * those of the earlier ones (`heldMs`) that have left the window since, but not yet its picture, which is
 * `delayMs` late.
 */
export function mergeAdmissions(
  heldMs: readonly number[],
  agesMs: readonly number[],
  snapshotMs: number,
  windowMs: number,
  delayMs: number,
): number[] {
  const toldFromMs = snapshotMs - windowMs;
  const leaving = heldMs.filter((time) => time <= toldFromMs && time > toldFromMs - delayMs);
  const told = agesMs
    .filter((age) => age < windowMs)
    .map((age) => snapshotMs - age)
    .sort((a, b) => a - b);
  return [...leaving, ...told];
}

/**
 * An SVG path of vertical marks over the whole height, in units of the track: 0 is one window before
 * `anchorMs`, TRACK_UNITS is `anchorMs` itself. Marks beyond come into sight as the path moves.
 */
export function formatMarkPath(
  admissionsMs: readonly number[],
  anchorMs: number,
  windowMs: number,
): string {
  return admissionsMs
    .map((timeMs) => {
      const units = TRACK_UNITS * (1 - (anchorMs - timeMs) / windowMs);
      return `M${units.toFixed(1)} 0V10`;
    })
    .join("");
}

/** How far to move the path at `shownMs`, in percent of the track; never above 0. */
export function shiftPercent(shownMs: number, anchorMs: number, windowMs: number): number {
  return (-100 * (shownMs - anchorMs)) / windowMs;
}

/**
 * The server's clock as the page sees it. Snapshots arrive a little early or late, and the marks must not
 * tremble with them.
 */
export class ServerClock {
  #offsetMs: number | undefined;
  #newestMs = 0;

  /** `snapshotMs` on the server's clock arrived at `arrivedMs` on the page's. */
  note(snapshotMs: number, arrivedMs: number): void {
    const offsetMs = snapshotMs - arrivedMs;
    const isFar = this.#offsetMs === undefined || Math.abs(offsetMs - this.#offsetMs) > 500;
    this.#offsetMs = isFar ? offsetMs : this.#offsetMs! + 0.1 * (offsetMs - this.#offsetMs!);
    this.#newestMs = snapshotMs;
  }

  /** The moment that the tracks show at `pageMs`; never one about which nothing is known yet. */
  shownMs(pageMs: number): number {
    const shownMs = pageMs + (this.#offsetMs ?? 0) - TRACK_DELAY_MS;
    return Math.min(shownMs, this.#newestMs);
  }
}
