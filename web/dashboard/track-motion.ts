// Moves the tracks of the clients, in one loop for all of them. It runs only while there is something to see:
// not on a page that is hidden or paused, nor while the tracks are scrolled out of sight. Owned by
// client-view.ts. It knows no client, only when to call.

/**
 * The tracks move some thirty times a second, which looks smooth at their speed. Without a graphics processor,
 * painting them is most of what the page costs.
 */
const FRAME_MS_MIN = 30;

export class TrackMotion {
  readonly #move: (pageMs: number) => void;
  readonly #prefersStill = matchMedia("(prefers-reduced-motion: reduce)");
  #isWanted = false;
  #isInSight = true;
  #frame: number | undefined;
  #movedMs = Number.NEGATIVE_INFINITY;

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

  /** Whether the person allows pages to move things at all. */
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
      // The frame's own time may lie before an event that has been handled since.
      const pageMs = performance.now();
      if (pageMs - this.#movedMs < FRAME_MS_MIN) return;
      this.#movedMs = pageMs;
      this.#move(pageMs);
    });
  }
}
