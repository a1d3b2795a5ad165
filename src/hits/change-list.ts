// The list of files whose count has changed since the main thread last looked, in shared memory. Server
// threads put a file on it with its first hit after a look (hit-counter.ts); the main thread takes the
// whole list twice a second (hit-ledger.ts). So a look costs as much as there were changes, and nothing
// when there were none, however many files are counted.
//
// The list is a chain through the slots themselves: each slot has one word for the next one, and a mark
// that says which thread has listed it. No slot is in the chain twice, so the list cannot overflow.
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
// A thread may die between any two steps. Before 3 it leaves a hit that is on no list; before the end of
// 5 it leaves a mark on a slot that is not in the chain, and keeps others from listing it. The main
// thread learns of each death before a successor starts (`releaseMark`), and looks at all files then.

import {
  CONTROL_CHANGED_HITS,
  hitListedByWord,
  hitNextChangedWord,
  type SharedMemory,
} from "../shared-memory/memory-layout.ts";
import type { SharedTable } from "../shared-memory/shared-table.ts";

const EMPTY = 0;
const UNMARKED = 0;

export class ChangeList {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #ownMark: number;

  /** @param threadIndex 1 and up for server threads; the main thread (0) adds nothing */
  constructor(memory: SharedMemory, table: SharedTable, threadIndex: number) {
    this.#control = new Int32Array(memory.control);
    this.#words = table.words;
    this.#ownMark = markOf(threadIndex);
  }

  /** Lists a slot, unless it is listed already. To be called after the hit was counted. */
  add(slot: number): void {
    // Most hits end here, with a load. Before the count it would find the mark of a look that is over.
    if (Atomics.load(this.#words, hitListedByWord(slot)) === UNMARKED) this.#list(slot);
  }

  /** Empties the list and returns its slots, those that were listed first at the front. Main thread. */
  take(): number[] {
    const words = this.#words;
    const slots: number[] = [];
    // One exchange for the whole chain: a slot that a thread puts in front meanwhile begins a new one.
    let slot = Atomics.exchange(this.#control, CONTROL_CHANGED_HITS, EMPTY);
    while (slot !== EMPTY) {
      slots.push(slot);
      // Before the mark is cleared: from then on another thread may write its own next slot here.
      const next = Atomics.load(words, hitNextChangedWord(slot));
      // Before the caller reads the count: a hit between the two would find the mark and be on no list.
      Atomics.store(words, hitListedByWord(slot), UNMARKED);
      slot = next;
    }
    return slots.reverse();
  }

  /**
   * Clears the mark of a dead thread on a slot that is not in the list. To be called by the main thread
   * after `take`, before a successor of the same index starts: only then such a mark cannot be that of
   * a slot in the list, and clearing it cannot bring a slot into the chain twice.
   */
  releaseMark(slot: number, deadThreadIndex: number): void {
    // Compared and cleared in one operation: a mark of a living thread stays.
    Atomics.compareExchange(this.#words, hitListedByWord(slot), markOf(deadThreadIndex), UNMARKED);
  }

  #list(slot: number): void {
    const [control, words] = [this.#control, this.#words];
    const listedBy = hitListedByWord(slot);
    // Only one of several threads passes. Two of them would write the same next word, and the chain
    // would lose its end or become a ring.
    if (Atomics.compareExchange(words, listedBy, UNMARKED, this.#ownMark) !== UNMARKED) return;
    for (;;) {
      const head = Atomics.load(control, CONTROL_CHANGED_HITS);
      // Before the slot becomes the head: from then on the main thread follows this word.
      Atomics.store(words, hitNextChangedWord(slot), head);
      // Fails when another thread has put a slot in front, or the main thread has taken the chain. That
      // the head left and came back in between does no harm: what this slot points to is the head again.
      if (Atomics.compareExchange(control, CONTROL_CHANGED_HITS, head, slot) === head) return;
    }
  }
}

function markOf(threadIndex: number): number {
  return threadIndex + 1;
}
