// Whether the store is there, as all threads of this server together see it. On the main thread: each
// thread reports to it. It prints one line when the store goes and one when it is back, and the admin
// interface reads it. It asks the store nothing.

export interface StoreState {
  /** The store's URL without its password. */
  readonly shown: string;
  readonly isUp: boolean;
  /** Why it is gone; null while it is there. */
  readonly reason: string | null;
}

export interface StoreHealthOptions {
  readonly shown: string;
  /** "unlimited": there is no limit that could be shared. */
  readonly whenDown: "local" | "open" | "closed" | "unlimited";
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

const CONSEQUENCES = {
  local: "until it is back each server keeps its own limit",
  open: "until it is back there is no limit",
  closed: "until it is back every request is answered with 503",
  unlimited: "until it is back hits wait in memory",
} as const;

export class StoreHealth {
  private readonly options: StoreHealthOptions;
  /** The reporters that have lost it, and why. */
  private readonly missedBy = new Map<string, string>();

  constructor(options: StoreHealthOptions) {
    this.options = options;
  }

  /** @param reporter the owner of the connection; a thread that takes another's place takes its name, too */
  report(reporter: string, isUp: boolean, reason: string): void {
    const { shown, whenDown, warn } = this.options;
    const wasUp = this.missedBy.size === 0;
    if (isUp) this.missedBy.delete(reporter);
    else this.missedBy.set(reporter, reason);
    if (wasUp && !isUp) warn(`the store ${shown} is gone (${reason}): ${CONSEQUENCES[whenDown]}`);
    if (!wasUp && this.missedBy.size === 0) warn(`the store ${shown} is back`);
  }

  get state(): StoreState {
    const [reason] = this.missedBy.values();
    return { shown: this.options.shown, isUp: reason === undefined, reason: reason ?? null };
  }
}
