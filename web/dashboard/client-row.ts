// The row of one client: its address, what it got, and its window. Owned by client-view.ts.

import type { ClientFacts, ClientWindow, ServerFacts } from "../../src/admin/snapshot.ts";
import type { Row } from "./keyed-rows.ts";
import { formatCount, formatRate } from "./number-format.ts";
import { makeElement, setText } from "./page-element.ts";
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
    this.#admitted = this.#addAmount("admitted");
    this.#refused = this.#addAmount("refused");
    this.#requests = this.#addAmount("/s");
    this.#used = this.#addCell("limited used");
    const track = makeElement("span", "track");
    track.setAttribute("aria-hidden", "true");
    track.append(this.track.element);
    this.#addCell("limited window").append(track);
  }

  show({ admitted, refused, requestsPerSecond }: ClientFacts): void {
    setText(this.#admitted, formatCount(admitted));
    setText(this.#refused, formatCount(refused));
    this.#refused.classList.toggle("some", refused > 0);
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
    this.element.classList.toggle("full", used >= count);
    this.track.note(window?.agesMs ?? [], snapshotMs, windowMs, isMoving);
  }

  /** @param label is shown beside the number where there is no room for a table head. */
  #addAmount(label: string): HTMLElement {
    const cell = this.#addCell("amount");
    cell.dataset.label = label;
    return cell;
  }

  #addCell(className: string): HTMLElement {
    const cell = makeElement("td", className);
    this.element.append(cell);
    return cell;
  }
}
