// What the dashboard listens to: server-sent events (WHATWG HTML, 9.2), as the text of one answer that
// goes on until its reader leaves. The next event is made only when the one before was taken: a slow
// reader gets fewer, with all the samples in them, and nothing waits for it in memory.

import type { Monitor } from "./monitor.ts";
import { toColumns } from "./sample.ts";
import type { History, SnapshotEvent } from "./snapshot.ts";

export const EVENT_STREAM_CONTENT_TYPE = "text/event-stream";
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;

/** @param isOver asked before each event */
export async function* eventStream(
  monitor: Monitor,
  isOver: () => boolean,
): AsyncGenerator<string, void, undefined> {
  const { history } = monitor;
  let sent = history.latestNumber;
  const columns: History = { columns: toColumns(history.after(0)) };
  yield `retry: ${RETRY_MS}\n\n${formatEvent("history", columns)}`;
  // At once, so that nobody looks at an empty page for a second.
  for (; !isOver(); await monitor.nextSample()) {
    const event: SnapshotEvent = { samples: history.after(sent), snapshot: monitor.snapshot() };
    sent = history.latestNumber;
    yield formatEvent("snapshot", event);
  }
}

/** JSON has no line breaks, so it is one `data` line. */
function formatEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
