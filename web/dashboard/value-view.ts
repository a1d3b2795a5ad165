// The elements of index.html that hold one number or word each, and carry its name as `data-value`.
// Called by main.ts; what the texts are is formatted elsewhere.

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

  /** What of the snapshot is more than a text. */
  showRest({ server, logLinesDropped, last }: Snapshot): void {
    setText(this.#publicUrl, server.url);
    setAttribute(this.#publicUrl, "href", server.url);
    setHidden(this.#logDrops, logLinesDropped === 0);
    this.#refusedTile.classList.toggle("warned", (last?.refusedPerSecond ?? 0) > 0);
    const title = `weir: ${server.rootDir}`;
    if (document.title !== title) document.title = title;
  }
}

/** A link without an address would be none, so it comes with the first one. */
function makePublicLink(): HTMLAnchorElement {
  const link = makeElement("a");
  link.target = "_blank";
  link.rel = "noopener";
  link.dataset.value = "url";
  requireElement("#public-url", HTMLElement).append(link);
  return link;
}
