// The counts of its fleet as one server knows them: of each file and each other instance the highest
// number it has read, and the counts that this instance itself has merged. The listing's sums come from it, and a
// store that has lost its data is filled from it. Used by hit-sync.ts only; it knows no store.

/** How many hits an instance has counted of a file, in all its life. */
export interface InstanceCount {
  readonly instance: string;
  /** One character a byte. */
  readonly path: string;
  readonly count: number;
}

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

export class HitMirror {
  private ownInstance: string;
  private readonly countsByInstance = new Map<string, Map<string, number>>();
  private readonly totalOfOthersByPath = new Map<string, number>();

  constructor(ownInstance: string) {
    this.ownInstance = ownInstance;
  }

  /** Hits of a file that other instances have counted. */
  totalOfOthers(path: string): number {
    return this.totalOfOthersByPath.get(path) ?? 0;
  }

  /** The counts that this instance is known to have merged. */
  get ownCounts(): ReadonlyMap<string, number> {
    return this.countsByInstance.get(this.ownInstance) ?? NO_COUNTS;
  }

  /** Takes a number in, unless a higher one is known. Returns whether the sum of the others has changed. */
  learn({ instance, path, count }: InstanceCount): boolean {
    const counts = this.countsOf(instance);
    const gained = count - (counts.get(path) ?? 0);
    if (gained <= 0) return false;
    counts.set(path, count);
    if (instance === this.ownInstance) return false;
    this.totalOfOthersByPath.set(path, this.totalOfOthers(path) + gained);
    return true;
  }

  /** From now on this instance has another name, and the counts that it had merged are another's. */
  becomeInstance(instance: string): void {
    for (const [path, count] of this.ownCounts) {
      this.totalOfOthersByPath.set(path, this.totalOfOthers(path) + count);
    }
    this.ownInstance = instance;
  }

  /** All known counts of all instances. Counts that are learned meanwhile may come too. */
  *allCounts(): Generator<InstanceCount> {
    for (const [instance, counts] of this.countsByInstance) {
      for (const [path, count] of counts) yield { instance, path, count };
    }
  }

  private countsOf(instance: string): Map<string, number> {
    let counts = this.countsByInstance.get(instance);
    if (counts === undefined) {
      counts = new Map();
      this.countsByInstance.set(instance, counts);
    }
    return counts;
  }
}
