// One client's row: who it is, what it got, and its window. Owned by client-view.ts.

import type { ClientFacts, ClientWindow, ServerFacts } from "../../src/admin/snapshot.ts";
import type { Row } from "./keyed-rows.ts";
import { formatCount, formatRate } from "./number-format.ts";
import { makeElement, setAttribute, setText } from "./page-element.ts";
import { WindowTrack } from "./window-track.ts";

export class ClientRow implements Row<ClientFacts> {
  readonly element: HTMLElement;
  readonly track = new WindowTrack();
  readonly #admitted: HTMLElement;
  readonly #refused: HTMLElement;
  readonly #requests: HTMLElement;
  readonly #used: HTMLElement;

  constructor(client: string) {
    this.element = makeElement("tr");
    const head = makeElement("th");
    head.scope = "row";
    head.append(makeElement("bdi", "", client));
    this.element.append(head);
    this.#admitted = this.#addCell("admitted");
    this.#refused = this.#addCell("refused");
    this.#requests = this.#addCell("/s");
    this.#used = this.#addCell("used");
    this.#used.className = "limited used";
    const trackCell = this.#addCell("");
    trackCell.className = "limited track-cell";
    const track = makeElement("span", "track");
    track.setAttribute("aria-hidden", "true");
    track.append(this.track.element);
    trackCell.append(track);
  }

  show({ admitted, refused, requestsPerSecond }: ClientFacts): void {
    setText(this.#admitted, formatCount(admitted));
    setText(this.#refused, formatCount(refused));
    setAttribute(this.#refused, "data-some", String(refused > 0));
    setText(this.#requests, formatRate(requestsPerSecond));
  }

  showWindow(
    window: ClientWindow | null,
    { count, windowMs }: NonNullable<ServerFacts["rate"]>,
    snapshotMs: number,
    isMoving: boolean,
  ): void {
    const used = window?.used ?? 0;
    setText(this.#used, `${formatCount(used)} of ${formatCount(count)}`);
    setAttribute(this.element, "data-full", String(used >= count));
    this.track.note(window?.agesMs ?? [], snapshotMs, windowMs, isMoving);
  }

  /** @param label stands beside the number where there is no room for a head. */
  #addCell(label: string): HTMLElement {
    const cell = makeElement("td");
    if (label !== "") cell.dataset.label = label;
    this.element.append(cell);
    return cell;
  }
}
