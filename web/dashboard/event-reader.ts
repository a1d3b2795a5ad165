// The only connection of the page: reads /api/events, and reports each event and whether the connection is
// up. It connects again by itself, whatever ended it. Called by main.ts. It keeps nothing of what it reads.

import type { History, SnapshotEvent } from "../../src/admin/snapshot.ts";
import type { LinkState } from "./connection-state.ts";

export interface EventListener {
  onHistory(history: History): void;
  onEvent(event: SnapshotEvent): void;
  onLink(state: LinkState): void;
}

/** After an answer that is no stream of events the browser gives up; the page tries again. */
const RETRY_MS = 2_000;

/** A connection that broke silently (a machine that slept, a cable) still looks open. */
const SILENT_MS_MAX = 10_000;

export class EventReader {
  readonly #url: string;
  readonly #listener: EventListener;
  #source: EventSource | undefined;
  #timer: number | undefined;

  constructor(url: string, listener: EventListener) {
    this.#url = url;
    this.#listener = listener;
  }

  open(): void {
    this.#source?.close();
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener("history", ({ data }: MessageEvent<string>) => {
      this.#listener.onLink("open");
      this.#expectNews();
      this.#listener.onHistory(JSON.parse(data) as History);
    });
    source.addEventListener("snapshot", ({ data }: MessageEvent<string>) => {
      this.#expectNews();
      this.#listener.onEvent(JSON.parse(data) as SnapshotEvent);
    });
    source.addEventListener("error", () => {
      this.#listener.onLink("broken");
      if (source.readyState === EventSource.CLOSED) this.#reopenAfter(RETRY_MS);
      else clearTimeout(this.#timer);
    });
  }

  #expectNews(): void {
    this.#reopenAfter(SILENT_MS_MAX, () => this.#listener.onLink("broken"));
  }

  #reopenAfter(delayMs: number, before?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      before?.();
      this.open();
    }, delayMs);
  }
}
