import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CLIENT_TIMES_WORD,
  CONTROL_GATE_LOCK,
  CONTROL_GRANTED_BY_THREAD,
  CONTROL_HIT_FILES,
  CONTROL_HIT_NAME_BYTES,
  CONTROL_HITS_WITHOUT_ROOM,
  CONTROL_LEFT_BY_THREAD,
  CONTROL_TICKETS_DRAWN,
  CONTROL_TICKETS_SKIPPED,
  createSharedMemory,
  HIT_BASE_WORD,
  HIT_COUNT_WORD,
  HIT_FILES_MAX,
  hitTableShape,
  limiterTableShape,
  quotaTableShape,
  THREADS_MAX,
} from "./memory-layout.ts";
import { tableBytes } from "./shared-table.ts";

test("every control word has one meaning and lies within the memory, up to the last thread", () => {
  const { control } = createSharedMemory({
    hashSecret: new Uint8Array(32),
    cellCount: 0,
    hitFilesMax: 8,
  });
  const words = [
    CONTROL_GATE_LOCK,
    CONTROL_TICKETS_DRAWN,
    CONTROL_TICKETS_SKIPPED,
    CONTROL_HIT_FILES,
    CONTROL_HIT_NAME_BYTES,
    CONTROL_HITS_WITHOUT_ROOM,
  ];
  for (let threadIndex = 0; threadIndex <= THREADS_MAX; threadIndex++) {
    words.push(CONTROL_GRANTED_BY_THREAD + threadIndex, CONTROL_LEFT_BY_THREAD + threadIndex);
  }
  assert.equal(new Set(words).size, words.length);
  assert.ok(Math.max(...words) < control.byteLength / 4);
});

test("the limiter's table has a bound for every limit, and room for 131,072 clients at least", () => {
  for (let cellCount = 1; cellCount <= 64; cellCount++) {
    const shape = limiterTableShape(cellCount);
    assert.ok(tableBytes(shape) <= 128 * 1024 * 1024, `${cellCount} cells: ${tableBytes(shape)}`);
    assert.ok(shape.slotCount >= 131_072, `${cellCount} cells: ${shape.slotCount} slots`);
    assert.ok(shape.payloadWords >= CLIENT_TIMES_WORD + 2 * cellCount);
  }
  assert.equal(limiterTableShape(5).slotCount, 1 << 20);
});

test("64-bit fields lie on their boundary, and every file that can be counted finds a slot", () => {
  for (const word of [HIT_COUNT_WORD, HIT_BASE_WORD, CLIENT_TIMES_WORD]) assert.equal(word % 2, 0);
  assert.ok(hitTableShape(HIT_FILES_MAX).slotCount > HIT_FILES_MAX);
  for (const threadCount of [1, 2, 3, THREADS_MAX]) {
    const { payloadWords } = quotaTableShape(threadCount);
    assert.ok(payloadWords >= threadCount && payloadWords % 2 === 0);
  }
});

test("a secret of another length is refused [16 bytes]", () => {
  assert.throws(() => createSharedMemory({ hashSecret: new Uint8Array(16), cellCount: 1 }), /32/);
});
