// The list of files whose count has changed since the main thread last looked, in shared memory. A server
// thread adds a file with its first hit after a look (counter.ts); the main thread takes the whole list
// twice a second (ledger.ts). So a look costs as much as there were changes, however many files are
// counted, and it costs nothing when there were none.
//
// The list is a chain through the slots themselves. Each slot has one word for the next slot, and a mark
// that names the thread that has listed it. No slot is in the chain twice, so the list cannot overflow.
//
//   server thread, hit on a slot            main thread, look
//   1  count + 1                            a  take the whole chain (exchange its head for "empty")
//   2  is the slot marked? then done        b  for each slot: read the next one
//   3  mark it, if no other thread does     c                 clear its mark
//   4  write the head as its next slot      d                 read its count
//   5  make it the head, or go to 4
//
// No hit is lost: a hit comes to step 2 after step 1, and the main thread comes to d after c. Either the
// thread finds the mark cleared and lists the slot again, or its hit was there before d.
//
// A thread may die between any two steps. Before 3 it leaves a hit that is on no list. Before the end of 5
// it leaves a mark on a slot that is not in the chain, and that mark keeps other threads from listing it.
// The main thread learns of each death before a successor starts (`releaseMark`), and then looks at all
// files.

import {
  CONTROL_CHANGED_HITS,
  HIT_LISTED_BY_WORD,
  HIT_NEXT_CHANGED_WORD,
  type SharedMemory,
} from "../memory/memory-layout.ts";
import type { SharedTable } from "../memory/shared-table.ts";

const EMPTY = 0;
/** The mark of a slot that is not in the list. */
export const UNLISTED = 0;

export class ChangeList {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #ownMark: number;

  /** @param threadIndex 1 and up for server threads; the main thread (0) never adds a slot */
  constructor(memory: SharedMemory, table: SharedTable, threadIndex: number) {
    this.#control = new Int32Array(memory.control);
    this.#words = table.words;
    this.#ownMark = markOf(threadIndex);
  }

  /**
   * Steps 3 to 5: lists a slot, unless another thread has. Call it after the hit was counted, if the slot
   * was UNLISTED then. Before the count, that mark could be the one of a look that is over.
   */
  add(slot: number): void {
    const [control, words] = [this.#control, this.#words];
    // Only one of several threads passes. Two of them would write the same next word, and the chain
    // would lose its end or become a ring.
    const mark = Atomics.compareExchange(words, slot + HIT_LISTED_BY_WORD, UNLISTED, this.#ownMark);
    if (mark !== UNLISTED) return;
    for (;;) {
      const head = Atomics.load(control, CONTROL_CHANGED_HITS);
      // Before the slot becomes the head: from then on the main thread follows this word.
      Atomics.store(words, slot + HIT_NEXT_CHANGED_WORD, head);
      // This fails when another thread has put a slot in front, or the main thread has taken the chain. If
      // the head left and came back in between, no harm is done: this slot points to the head again.
      if (Atomics.compareExchange(control, CONTROL_CHANGED_HITS, head, slot) === head) return;
    }
  }

  /** Empties the list and returns its slots in the order in which they were listed. Main thread only. */
  take(): number[] {
    const words = this.#words;
    const slots: number[] = [];
    // One exchange takes the whole chain: a slot that a thread adds from now on begins a new one.
    let slot = Atomics.exchange(this.#control, CONTROL_CHANGED_HITS, EMPTY);
    while (slot !== EMPTY) {
      slots.push(slot);
      // Before the mark is cleared: from then on another thread may write a new next slot here.
      const next = Atomics.load(words, slot + HIT_NEXT_CHANGED_WORD);
      // Before the caller reads the count: a hit between the two would find the mark and be on no list.
      Atomics.store(words, slot + HIT_LISTED_BY_WORD, UNLISTED);
      slot = next;
    }
    return slots.reverse();
  }

  /**
   * Clears the mark of a dead thread on a slot that is not in the list. The main thread calls it after
   * `take` and before a successor of the same index starts. Only then can the mark not be that of a slot in
   * the list, and clearing it cannot bring a slot into the chain twice.
   */
  releaseMark(slot: number, deadThreadIndex: number): void {
    // One operation compares and clears, so that the mark of a living thread stays.
    const mark = markOf(deadThreadIndex);
    Atomics.compareExchange(this.#words, slot + HIT_LISTED_BY_WORD, mark, UNLISTED);
  }
}

function markOf(threadIndex: number): number {
  return threadIndex + 1;
}
