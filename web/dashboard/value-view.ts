// The elements of index.html that hold one number or word each, whose name is their `data-value`. Called by
// main.ts; snapshot-text.ts formats the texts.

import type { Snapshot } from "../../src/admin/snapshot.ts";
import { makeElement, requireElement, setAttribute, setHidden, setText } from "./page-element.ts";

export class ValueView {
  readonly #elements = new Map(
    Array.from(document.querySelectorAll<HTMLElement>("[data-value]"), (element) => [
      element.dataset.value!,
      element,
    ]),
  );
  readonly #publicUrl = makePublicLink();
  readonly #logDrops = requireElement("#log-drops", HTMLElement);
  readonly #refusedTile = requireElement("#refused-tile", HTMLElement);

  showTexts(texts: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(texts)) {
      const element = this.#elements.get(name);
      if (element !== undefined) setText(element, text);
    }
  }

  /** The parts of the snapshot that are more than a text. */
  showRest({ server, logLinesDropped, last }: Snapshot): void {
    setText(this.#publicUrl, server.url);
    setAttribute(this.#publicUrl, "href", server.url);
    setHidden(this.#logDrops, logLinesDropped === 0);
    this.#refusedTile.classList.toggle("warned", (last?.refusedPerSecond ?? 0) > 0);
    const title = `weir: ${server.rootDir}`;
    if (document.title !== title) document.title = title;
  }
}

/** The link appears with its first address, because without one it would be no link. */
function makePublicLink(): HTMLAnchorElement {
  const link = makeElement("a");
  link.target = "_blank";
  link.rel = "noopener";
  link.dataset.value = "url";
  requireElement("#public-url", HTMLElement).append(link);
  return link;
}
