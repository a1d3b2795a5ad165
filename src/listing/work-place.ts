// The one place of a thread for work on large folders: reading, choosing and sorting take memory by the
// size of the folder, so one listing at a time does that, and the others wait in order. Called by
// listing-progress.ts. Small work needs no place: it is over before anybody else has a turn.

import { FIRST_STEPS, type SlicedWork } from "./time-slice.ts";

export class WorkPlace {
  private isTaken = false;
  private readonly waiting: (() => void)[] = [];

  /**
   * Does the work here, once it has shown to be long. Where it would have to wait for that, it is begun
   * again afterwards: what it held would be held by all that wait, and whoever was here before may have
   * read the same folder.
   * @param begin makes the work
   */
  *run<Result>(begin: () => SlicedWork<Result>): SlicedWork<Result> {
    let work = begin();
    try {
      for (let steps = 0; steps < FIRST_STEPS; steps++) {
        const step = work.next();
        if (step.done === true) return step.value;
        yield step.value;
      }
      if (this.isTaken) work.return(undefined as never);
      const hasWaited = this.isTaken;
      yield* this.enter();
      if (hasWaited) work = begin();
      return yield* this.runInside(work);
    } finally {
      work.return(undefined as never);
    }
  }

  /** Work that waits for something, such as a disk that is far away, leaves the place meanwhile. */
  private *runInside<Result>(work: SlicedWork<Result>): SlicedWork<Result> {
    let isInside = true;
    try {
      for (;;) {
        const step = work.next();
        if (step.done === true) return step.value;
        if (typeof step.value === "string") {
          yield step.value;
          continue;
        }
        this.leave();
        isInside = false;
        yield step.value;
        yield* this.enter();
        isInside = true;
      }
    } finally {
      if (isInside) this.leave();
    }
  }

  private *enter(): SlicedWork<void> {
    if (!this.isTaken) {
      this.isTaken = true;
      return;
    }
    let isInside = false;
    let isWaiting = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const take = () => {
      isInside = true;
      resolve();
    };
    this.waiting.push(take);
    try {
      yield promise;
      isWaiting = false;
    } finally {
      if (isWaiting) {
        const place = this.waiting.indexOf(take);
        if (place >= 0) this.waiting.splice(place, 1);
        // Given the place, and ended before it could use it.
        if (isInside) this.leave();
      }
    }
  }

  /** Hands the place on to whoever waits longest. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.isTaken = false;
    else next();
  }
}
