// Ends a download whose server is silent: nothing came of the connection, the head or the body for so
// long. A download that makes progress is never ended, however long it takes. Used by transfer.ts.

/** Between the arming and the disarming somebody waits for the server. */
export class SilenceWatch {
  readonly #silenceMs: number;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isArmed = false;
  /** Aborted by the silence, and by what was handed in. */
  readonly signal: AbortSignal;

  constructor(silenceMs: number, stop: AbortSignal) {
    this.#silenceMs = silenceMs;
    this.signal = AbortSignal.any([stop, this.#controller.signal]);
    this.#timer = setTimeout(() => {
      if (this.#isArmed) this.#controller.abort();
    }, silenceMs);
  }

  /** Waiting begins; the time runs from here. */
  arm(): void {
    this.#isArmed = true;
    this.#timer.refresh();
  }

  /** Something came; what is done with it may take as long as it likes. */
  disarm(): void {
    this.#isArmed = false;
  }

  release(): void {
    clearTimeout(this.#timer);
  }

  get isSilent(): boolean {
    return this.#controller.signal.aborted;
  }

  describe(): string {
    return `nothing came from the server after ${this.#silenceMs / 1000} s; see --timeout`;
  }
}
