// Random numbers from a seed, so that a fuzzer's run can be repeated. Not for secrets.

/** The seed of this run: WEIR_FUZZ_SEED, or another one each time. */
export function chooseSeed(env: NodeJS.ProcessEnv): number {
  const given = Number(env.WEIR_FUZZ_SEED);
  return Number.isSafeInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 2 ** 31);
}

/** How many cases a fuzzer runs: WEIR_FUZZ_CASES, or as many as take a few seconds. */
export function chooseCaseCount(env: NodeJS.ProcessEnv, usual: number): number {
  const given = Number(env.WEIR_FUZZ_CASES);
  return Number.isSafeInteger(given) && given > 0 ? given : usual;
}

/** mulberry32: 32 bits of state, good enough to choose what to break. */
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 and up, below `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item;
  }
}
