import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease, type LeaseTerms, leaseTerms } from "./lease.ts";

const TERMS = leaseTerms({ count: 640, windowMs: 1000 }) as LeaseTerms;

const LIMITS: readonly [count: number, windowMs: number, lifeMs: number | undefined][] = [
  [99, 1000, undefined],
  [100, 1000, 15.625],
  // Over before it is used.
  [1000, 100, undefined],
  [1000, 3_600_000, 250],
];

for (const [count, windowMs, lifeMs] of LIMITS) {
  test(`a lease of ${count} in ${windowMs} ms lives ${lifeMs} ms`, () => {
    assert.equal(leaseTerms({ count, windowMs })?.lifeMs, lifeMs);
  });
}

test("the first question asks for nothing in advance", () => {
  assert.equal(new Lease(TERMS).sizeAt(1000, 640), 0);
});

test("what was used lately is leased: a quarter of it, a sixteenth of what is left above half", () => {
  const lease = new Lease(TERMS);
  lease.take(1000, 8, 0);
  // 8 in 2 ms are 62 in 15.6 ms.
  assert.equal(lease.sizeAt(1002, 640), 15);
  assert.equal(lease.sizeAt(1002, 480), 10);
  assert.equal(lease.sizeAt(1002, 320), 0);
  assert.equal(lease.sizeAt(1002, 0), 0);
  assert.equal(lease.sizeAt(1016, 640), 0, "it was long ago");
});

test("a lease is used one by one, until its end, a hundredth early", () => {
  const lease = new Lease(TERMS);
  lease.take(1000, 3, 2);
  assert.equal(lease.leftAt(1001), 2);
  lease.use();
  assert.equal(lease.leftAt(1015.4), 1);
  assert.equal(lease.leftAt(1015.5), 0);
  assert.equal(lease.sizeAt(1015.5, 640), 0, "some of the last one was not used");
  lease.take(1015.5, 1, 0);
  assert.equal(lease.leftAt(1015.5), 0);
  assert.notEqual(lease.sizeAt(1016.5, 640), 0);
});
