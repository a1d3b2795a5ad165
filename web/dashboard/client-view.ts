// The clients of the last ten seconds, each with its window as it fills. Called by main.ts once a
// second; between two snapshots only the tracks move.

import type { ClientFacts, ServerFacts, Snapshot } from "../../src/admin/snapshot.ts";
import { ClientRow } from "./client-row.ts";
import { KeyedRows } from "./keyed-rows.ts";
import { formatLength } from "./number-format.ts";
import { requireElement, setHidden, setText } from "./page-element.ts";
import { LOOSE_ORDER_PLACES } from "./row-order.ts";
import { TrackMotion } from "./track-motion.ts";
import { MOVING_WINDOW_MS_MAX, ServerClock } from "./window-marks.ts";

export class ClientView {
  readonly #table = requireElement("#clients", HTMLElement);
  readonly #hint = requireElement("#window-hint", HTMLElement);
  readonly #windowStart = requireElement("#window-start", HTMLElement);
  readonly #windowEnd = requireElement("#window-end", HTMLElement);
  readonly #none = requireElement("#no-clients", HTMLElement);
  readonly #clock = new ServerClock();
  readonly #motion = new TrackMotion(this.#table, (pageMs) => this.#moveTracks(pageMs));
  readonly #rows = new KeyedRows<ClientFacts, ClientRow>(
    requireElement("tbody", HTMLElement, this.#table),
    {
      keyOf: ({ client }) => client,
      make: ({ client }) => new ClientRow(client),
      driftPlaces: LOOSE_ORDER_PLACES,
      isHoldable: true,
    },
  );

  /**
   * @param snapshotMs the time of the snapshot on the server's clock
   * @param arrivedMs when it arrived, on the page's clock
   */
  show({ clients, server }: Snapshot, snapshotMs: number, arrivedMs: number): void {
    const { rate } = server;
    const isMoving =
      rate !== null && rate.windowMs <= MOVING_WINDOW_MS_MAX && this.#motion.isWelcome;
    this.#clock.note(snapshotMs, arrivedMs);
    this.#showWindow(rate, isMoving);
    this.#rows.show(clients);
    if (rate !== null) {
      for (const { client, window } of clients) {
        this.#rows.find(client)?.showWindow(window, rate, snapshotMs, isMoving);
      }
    }
    setHidden(this.#none, clients.length > 0);
    setHidden(this.#table, clients.length === 0);
    this.#motion.run(isMoving);
  }

  /** Stops the tracks until the next snapshot is shown. */
  holdStill(): void {
    this.#motion.run(false);
  }

  #moveTracks(pageMs: number): void {
    const shownMs = this.#clock.shownMs(pageMs);
    for (const row of this.#rows.rows) row.track.moveTo(shownMs);
  }

  #showWindow(rate: ServerFacts["rate"], isMoving: boolean): void {
    this.#table.classList.toggle("unlimited", rate === null);
    setHidden(this.#hint, rate === null);
    if (rate === null) return;
    const length = formatLength(rate.windowMs);
    setText(this.#windowStart, `${length} ago`);
    setText(this.#windowEnd, "now");
    setText(
      this.#hint,
      `Each mark is an admitted request. It counts for ${length}, from the right edge to the left${
        isMoving ? "; drawn a second late, so that it moves without a break." : "."
      }`,
    );
  }
}
