// What moves the clients' tracks: one loop for all of them, and only while there is something to see:
// not on a page that is hidden or paused, nor while the tracks are scrolled out of sight. Owned by
// client-view.ts. It knows no client, only when to call.

export class TrackMotion {
  readonly #move: (pageMs: number) => void;
  readonly #prefersStill = matchMedia("(prefers-reduced-motion: reduce)");
  #isWanted = false;
  #isInSight = true;
  #frame: number | undefined;

  /**
   * @param place is around all that moves
   * @param move is called before each frame with the page's clock, in ms
   */
  constructor(place: Element, move: (pageMs: number) => void) {
    this.#move = move;
    new IntersectionObserver((entries) => {
      this.#isInSight = entries.at(-1)?.isIntersecting ?? true;
      this.#update();
    }).observe(place);
  }

  /** Whether whoever looks at the page lets things move at all. */
  get isWelcome(): boolean {
    return !this.#prefersStill.matches;
  }

  run(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#update();
  }

  #update(): void {
    const isRunning = this.#isWanted && this.#isInSight;
    if (isRunning && this.#frame === undefined) this.#request();
    if (!isRunning && this.#frame !== undefined) {
      cancelAnimationFrame(this.#frame);
      this.#frame = undefined;
    }
  }

  #request(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#request();
      // Not the frame's own time: that may lie before an event which has been handled since.
      this.#move(performance.now());
    });
  }
}
