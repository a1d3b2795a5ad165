import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { DownloadProgress, formatProgress } from "./progress.ts";

const MIB = 1024 * 1024;

for (const [facts, columns, line] of [
  [
    { bytes: 3 * MIB, totalBytes: 12 * MIB, rate: MIB },
    80,
    "[#######                      ]  3.0 MiB of 12.0 MiB  25 %  1.0 MiB/s  9 s left",
  ],
  [
    { bytes: 3 * MIB, totalBytes: 12 * MIB, rate: MIB },
    50,
    "3.0 MiB of 12.0 MiB  25 %  1.0 MiB/s  9 s left",
  ],
  [{ bytes: 3 * MIB, totalBytes: 12 * MIB, rate: MIB }, 20, "3.0 MiB of 12.0 MiB"],
  [{ bytes: 5, totalBytes: undefined, rate: 10 }, 80, "5 B  10 B/s"],
  [{ bytes: 5, totalBytes: undefined, rate: undefined }, 80, "5 B"],
  [{ bytes: 0, totalBytes: 1024 * MIB, rate: 0 }, 40, "0 B of 1.0 GiB  0 %  0 B/s"],
  [
    { bytes: 0, totalBytes: 1024 * MIB, rate: 100_000 },
    60,
    "0 B of 1.0 GiB  0 %  97.7 KiB/s  2 h 58 min left",
  ],
  [
    { bytes: 9, totalBytes: 9, rate: 1 },
    60,
    `[${"#".repeat(21)}]  9 B of 9 B  100 %  1 B/s  0 s left`,
  ],
] as const) {
  test(`${facts.bytes} of ${facts.totalBytes} at ${facts.rate}/s in ${columns} columns`, () => {
    const shown = formatProgress(facts, columns);
    assert.equal(shown.trimEnd(), line);
    assert.ok(shown.length < columns, `${shown.length} columns`);
  });
}

function watch(isTTY: boolean): {
  readonly written: string[];
  readonly at: (ms: number, bytes: number) => void;
} {
  const written: string[] = [];
  let nowMs = 1000;
  const output = {
    isTTY,
    columns: 80,
    write: (text: string | Uint8Array) => written.push(String(text)),
  };
  const progress = new DownloadProgress(output, { monotonicMs: () => nowMs, wallMs: () => 0 });
  return {
    written,
    at(ms, bytes) {
      nowMs = 1000 + ms;
      progress.show(bytes, 10_000);
    },
  };
}

test("what is over in a moment shows nothing, and what lasts is drawn over itself, not too often", () => {
  const { written, at } = watch(true);
  for (let ms = 0; ms < 700; ms += 10) at(ms, ms);
  assert.deepEqual(written, []);
  for (let ms = 700; ms <= 1700; ms += 10) at(ms, ms);
  assert.ok(written.length >= 4 && written.length <= 6, `${written.length} lines`);
  for (const text of written)
    assert.match(stripVTControlCharacters(text), /^\r\[#* *\] {2}.* of 9\.8 KiB {2}\d+ % /);
  assert.match(written.at(-1)!, /1000 B\/s {2}9 s left$/);
});

test("a download that begins again tells the rate of what is new", () => {
  const { written, at } = watch(true);
  at(0, 9000);
  at(1000, 0);
  at(2000, 1000);
  assert.match(written.at(-1)!, /1000 B\/s {2}9 s left$/);
});

test("where there is no terminal nothing is written", () => {
  const { written, at } = watch(false);
  for (let ms = 0; ms < 5000; ms += 100) at(ms, ms);
  assert.deepEqual(written, []);
});
