import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConnection } from "./client-connection.ts";
import { type ConnectionSlot, ConnectionSlots, type SlotOptions } from "./connection-slots.ts";

function makeSlots(options: Omit<SlotOptions, "connect">) {
  const closed: number[] = [];
  let openedCount = 0;
  const connect = () => {
    const connectionIndex = openedCount++;
    return { close: () => closed.push(connectionIndex) } as unknown as ClientConnection;
  };
  const slots = new ConnectionSlots({ ...options, connect });
  return { slots, closed, openedCount: () => openedCount };
}

test("no more than 2 of 2 slots are taken, and one given back is taken again", () => {
  const { slots, openedCount } = makeSlots({ slotCount: 2, sourceCount: 1, keepAlive: true });
  const first = slots.take(0)!;
  const second = slots.take(1)!;
  assert.equal(slots.take(2), undefined);
  slots.give(first);
  slots.give(second);
  assert.equal(slots.take(2), second);
  assert.equal(openedCount(), 2);
});

test("a kept connection is used before another is opened", () => {
  const { slots, openedCount } = makeSlots({ slotCount: 10, sourceCount: 1, keepAlive: true });
  for (let index = 0; index < 5; index++) slots.give(slots.take(index)!);
  assert.equal(openedCount(), 1);
});

test("without keep-alive every submission opens, and its source is its number's turn", () => {
  const { slots, openedCount } = makeSlots({ slotCount: 2, sourceCount: 3, keepAlive: false });
  const sourceIndexes: number[] = [];
  for (let index = 0; index < 6; index++) {
    const slot = slots.take(index)!;
    sourceIndexes.push(slot.sourceIndex);
    slots.give(slot);
  }
  assert.deepEqual(sourceIndexes, [0, 1, 2, 0, 1, 2]);
  assert.equal(openedCount(), 6);
});

test("kept connections of 3 sources take turns: none has a second before all had a first", () => {
  const { slots } = makeSlots({ slotCount: 6, sourceCount: 3, keepAlive: true });
  const sourceIndexes: number[] = [];
  for (let index = 0; index < 12; index++) {
    const slot = slots.take(index)!;
    sourceIndexes.push(slot.sourceIndex);
    slots.give(slot);
  }
  assert.deepEqual(sourceIndexes, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

test("closing closes the busy and the free ones", () => {
  const { slots, closed } = makeSlots({ slotCount: 2, sourceCount: 1, keepAlive: true });
  const [first] = [slots.take(0), slots.take(1)] as ConnectionSlot[];
  slots.give(first!);
  assert.equal(slots.busyCount, 1);
  slots.close();
  assert.deepEqual(closed.sort(), [0, 1]);
});
