// The server threads side by side, and how much each does. Called by main.ts once a second.

import type { ThreadFacts } from "../../src/admin/snapshot.ts";
import { KeyedRows, type Row } from "./keyed-rows.ts";
import { formatCount, formatMilliseconds, formatRate, formatShare } from "./number-format.ts";
import { makeBar, makeElement, requireElement, setBar, setText } from "./page-element.ts";

interface ThreadItem extends ThreadFacts {
  /** The rate of the busiest thread. */
  readonly busiestPerSecond: number;
}

/** In a thread that is later than this, all clients wait. */
const LATE_MS = 20;

export class ThreadView {
  readonly #rows = new KeyedRows<ThreadItem>(requireElement("#threads tbody", HTMLElement), {
    keyOf: ({ threadIndex }) => String(threadIndex),
    make: makeRow,
    driftPlaces: 0,
    isHoldable: false,
  });

  show(threads: readonly ThreadFacts[]): void {
    const busiestPerSecond = Math.max(1, ...threads.map((thread) => thread.requestsPerSecond));
    this.#rows.show(threads.map((thread) => ({ ...thread, busiestPerSecond })));
  }
}

function makeRow({ threadIndex }: ThreadItem): Row<ThreadItem> {
  const element = makeElement("tr");
  const head = makeElement("th", "", String(threadIndex));
  head.scope = "row";
  element.append(head);
  const requests = addMeasure(element);
  const cpu = addMeasure(element);
  const [delayP50, delayP99, connections] = [0, 1, 2].map(() => element.insertCell());
  return {
    element,
    show(thread) {
      setText(requests.text, formatRate(thread.requestsPerSecond));
      setBar(requests.bar, thread.requestsPerSecond / thread.busiestPerSecond);
      setText(cpu.text, formatShare(thread.cpuShare));
      setBar(cpu.bar, thread.cpuShare);
      setText(delayP50!, formatMilliseconds(thread.eventLoopDelayP50Ms));
      setText(delayP99!, formatMilliseconds(thread.eventLoopDelayP99Ms));
      delayP99!.classList.toggle("warned", thread.eventLoopDelayP99Ms > LATE_MS);
      setText(connections!, formatCount(thread.connectionsOpen));
    },
  };
}

/** A cell with a number and a bar below it. */
function addMeasure(row: HTMLTableRowElement): { text: HTMLElement; bar: HTMLElement } {
  const cell = row.insertCell();
  const text = makeElement("span");
  const { track, bar } = makeBar();
  cell.append(text, track);
  return { text, bar };
}
