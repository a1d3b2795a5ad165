// What moves the clients' tracks: one loop for all of them, and only while there is something to see.
// Owned by client-view.ts. It knows no client, only when to call.

export class TrackMotion {
  readonly #move: (pageMs: number) => void;
  readonly #prefersStill = matchMedia("(prefers-reduced-motion: reduce)");
  #frame: number | undefined;

  /** @param move is called before each frame with the page's clock, in ms. */
  constructor(move: (pageMs: number) => void) {
    this.#move = move;
  }

  /** Whether whoever looks at the page lets things move at all. */
  get isWelcome(): boolean {
    return !this.#prefersStill.matches;
  }

  run(isRunning: boolean): void {
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
