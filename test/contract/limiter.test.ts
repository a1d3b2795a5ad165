// The limiter in shared memory keeps the contract of limiter-contract.ts. limiter.full.test.ts holds the
// one in a store to it.

import { test } from "node:test";
import { LIMITER_CASES } from "./limiter-contract.ts";
import { inMemory } from "./limiter-in-memory.ts";

for (const { name, run } of LIMITER_CASES) {
  test(`in ${inMemory.name}: ${name}`, () => run(inMemory));
}
