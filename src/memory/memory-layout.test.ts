import assert from "node:assert/strict";
import { test } from "node:test";
import {
  beatsWord,
  CLIENT_CELL_WORD,
  CLIENT_SEEN_WORD,
  CLIENT_TIMES_WORD,
  CLIENT_USED_WORD,
  CONTROL_CHANGED_HITS,
  CONTROL_GATE_LOCK,
  CONTROL_HIT_FILES,
  CONTROL_HIT_NAME_BYTES,
  CONTROL_HITS_WITHOUT_ROOM,
  CONTROL_LIMITER_CLIENTS,
  CONTROL_TICKETS_DRAWN,
  CONTROL_TICKETS_SKIPPED,
  createSharedMemory,
  grantedWord,
  HIT_BASE_WORD,
  HIT_COUNT_WORD,
  HIT_FILES_MAX,
  HIT_LISTED_BY_WORD,
  HIT_NAME_LENGTH_WORD,
  HIT_NAME_OFFSET_WORD,
  HIT_NEXT_CHANGED_WORD,
  hitTableShape,
  leftWord,
  limiterTableShape,
  quotaTableShape,
  quotaWord,
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
    CONTROL_LIMITER_CLIENTS,
    CONTROL_CHANGED_HITS,
  ];
  for (let threadIndex = 0; threadIndex <= THREADS_MAX; threadIndex++) {
    words.push(grantedWord(threadIndex), leftWord(threadIndex), beatsWord(threadIndex));
  }
  assert.equal(new Set(words).size, words.length);
  assert.ok(Math.max(...words) < control.byteLength / 4);
});

/** The words of a field of 64 bits; it lies on its boundary. */
function wordsOf64Bits(word: number): number[] {
  assert.equal(word % 2, 0);
  return [word, word + 1];
}

test("the fields of a slot fill it without a gap and do not overlap [hits, limiter, quota]", () => {
  const filled = (payloadWords: number) => Array.from({ length: payloadWords }, (_, at) => at);
  const hitWords = [
    ...wordsOf64Bits(HIT_COUNT_WORD),
    ...wordsOf64Bits(HIT_BASE_WORD),
    HIT_NAME_OFFSET_WORD,
    HIT_NAME_LENGTH_WORD,
    HIT_LISTED_BY_WORD,
    HIT_NEXT_CHANGED_WORD,
  ];
  assert.deepEqual(hitWords.toSorted(ascending), filled(hitTableShape(8).payloadWords));
  for (const cellCount of [1, 5, 64]) {
    const times = Array.from({ length: cellCount }, (_, cell) => CLIENT_TIMES_WORD + 2 * cell);
    const words = [
      ...wordsOf64Bits(CLIENT_SEEN_WORD),
      CLIENT_CELL_WORD,
      CLIENT_USED_WORD,
      ...times.flatMap(wordsOf64Bits),
    ];
    assert.deepEqual(words.toSorted(ascending), filled(limiterTableShape(cellCount).payloadWords));
  }
  const quotaWords = [1, 2, 3, 4].map((threadIndex) => quotaWord(0, threadIndex));
  assert.deepEqual(quotaWords, filled(quotaTableShape(4).payloadWords));
});

function ascending(a: number, b: number): number {
  return a - b;
}

test("the limiter's table has a bound for every limit, and room for 131,072 clients at least", () => {
  for (let cellCount = 1; cellCount <= 64; cellCount++) {
    const shape = limiterTableShape(cellCount);
    assert.ok(tableBytes(shape) <= 128 * 1024 * 1024, `${cellCount} cells: ${tableBytes(shape)}`);
    assert.ok(shape.slotCount >= 131_072, `${cellCount} cells: ${shape.slotCount} slots`);
  }
  assert.equal(limiterTableShape(5).slotCount, 1 << 20);
});

test("every file that can be counted finds a slot, and every thread a word of a quota", () => {
  assert.ok(hitTableShape(HIT_FILES_MAX).slotCount > HIT_FILES_MAX);
  for (const threadCount of [1, 2, 3, THREADS_MAX]) {
    const { payloadWords } = quotaTableShape(threadCount);
    assert.ok(payloadWords >= threadCount && payloadWords % 2 === 0);
  }
});

test("a secret of another length is refused [16 bytes]", () => {
  assert.throws(() => createSharedMemory({ hashSecret: new Uint8Array(16), cellCount: 1 }), /32/);
});
