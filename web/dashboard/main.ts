// The dashboard: takes the events of /api/events and passes them to the parts of the page, once a second.
// The entry of the page's script; index.html loads it and nothing else.

import { ClientView } from "./client-view.ts";
import type { LinkState } from "./connection-state.ts";
import { EventReader } from "./event-reader.ts";
import { FileView } from "./file-view.ts";
import { HeaderView } from "./header-view.ts";
import { type PlotColours, readPlotColours } from "./page-look.ts";
import { PLOTS } from "./plot-list.ts";
import { PlotView } from "./plot-view.ts";
import { ShownData } from "./shown-data.ts";
import { formatSnapshot } from "./snapshot-text.ts";
import { TableView } from "./table-view.ts";
import { ThreadView } from "./thread-view.ts";
import { ValueView } from "./value-view.ts";

const EVENTS_URL = "api/events";

class Dashboard {
  readonly #data = new ShownData();
  readonly #header = new HeaderView({
    onPause: (isPaused) => this.#setPaused(isPaused),
    onRange: () => this.#showColumns(),
  });
  readonly #values = new ValueView();
  readonly #plots = PLOTS.map((definition) => new PlotView(definition, readColours()));
  readonly #table = new TableView(() => this.#showColumns());
  readonly #clients = new ClientView();
  readonly #threads = new ThreadView();
  readonly #files = new FileView();
  #link: LinkState = "connecting";
  #arrivedMs = performance.now();
  #version: string | undefined;

  start(): void {
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.#recolour());
    }
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    setInterval(() => this.#showState(), 1_000);
    new EventReader(EVENTS_URL, {
      onHistory: (history) => {
        this.#data.noteHistory(history);
        if (this.#isSeen()) this.#showColumns();
      },
      onEvent: (event) => {
        this.#data.noteEvent(event);
        this.#arrivedMs = performance.now();
        this.#reloadIfReplaced(event.snapshot.server.version);
        if (this.#isSeen()) this.#showAll();
      },
      onLink: (state) => {
        this.#link = state;
        this.#showState();
      },
    }).open();
  }

  /** Whether new data is shown at once. */
  #isSeen(): boolean {
    return !this.#data.isPaused && !document.hidden;
  }

  #showAll(): void {
    this.#showState();
    this.#showColumns();
    this.#showSnapshot();
  }

  #showColumns(): void {
    const range = this.#header.range;
    const { columns } = this.#data.shown;
    for (const plot of this.#plots) plot.show(columns, range.rangeMs);
    this.#table.show(columns, range);
  }

  #showSnapshot(): void {
    const { snapshot } = this.#data.shown;
    if (snapshot === undefined) return;
    // The time comes from the server's clock wherever possible: this page may run on another machine.
    const snapshotMs = snapshot.timeMs;
    this.#values.showTexts(formatSnapshot(snapshot, snapshotMs));
    this.#values.showRest(snapshot);
    this.#threads.show(snapshot.threads);
    this.#files.show(snapshot);
    this.#clients.show(snapshot, snapshotMs, this.#arrivedMs);
  }

  #showState(): void {
    this.#header.showState({
      link: this.#link,
      isPaused: this.#data.isPaused,
      server: this.#data.latestSnapshot?.state,
      silentMs: performance.now() - this.#arrivedMs,
    });
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused) {
      this.#data.pause();
      this.#clients.holdStill();
      this.#showState();
    } else {
      this.#data.resume();
      this.#showAll();
    }
  }

  #onVisibility(): void {
    if (document.hidden) this.#clients.holdStill();
    else if (this.#isSeen()) this.#showAll();
  }

  #recolour(): void {
    const colours = readColours();
    for (const plot of this.#plots) plot.recolour(colours);
  }

  /** Another version of weir answers, and its data may need another page. */
  #reloadIfReplaced(version: string): void {
    this.#version ??= version;
    if (version !== this.#version) location.reload();
  }
}

function readColours(): PlotColours {
  const style = getComputedStyle(document.documentElement);
  return readPlotColours((variable) => style.getPropertyValue(variable));
}

new Dashboard().start();
