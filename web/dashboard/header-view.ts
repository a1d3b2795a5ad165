// The controls of the page's head: the state of the connection, pause and range, and their keys.
// Called by main.ts, which decides what they do.

import { chooseStateWord, SILENT_MS_MAX, type StateFacts } from "./connection-state.ts";
import { formatWait } from "./number-format.ts";
import { requireElement, setAttribute, setText } from "./page-element.ts";
import type { Range } from "./range-table.ts";

export interface Controls {
  onPause(isPaused: boolean): void;
  onRange(range: Range): void;
}

/** By the values of the radio buttons; the periods are those of the table. */
const RANGES: Readonly<Record<string, Range>> = {
  minute: { rangeMs: 60_000, stretchMs: 5_000 },
  "ten-minutes": { rangeMs: 600_000, stretchMs: 60_000 },
  hour: { rangeMs: 3_600_000, stretchMs: 300_000 },
};
const FIRST_RANGE = RANGES.minute!;

export class HeaderView {
  readonly #state = requireElement("#state", HTMLElement);
  readonly #stateWord = requireElement("[data-value=state]", HTMLElement);
  readonly #silentFor = requireElement("#silent-for", HTMLElement);
  readonly #pause = requireElement("#pause", HTMLButtonElement);
  readonly #radios = Array.from(document.querySelectorAll<HTMLInputElement>("#range input"));
  readonly #controls: Controls;

  constructor(controls: Controls) {
    this.#controls = controls;
    this.#pause.addEventListener("click", () => this.#togglePause());
    for (const radio of this.#radios) {
      radio.addEventListener("change", () => controls.onRange(this.range));
    }
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** The current choice: when a page is reloaded, a browser may restore an earlier one. */
  get range(): Range {
    const checked = this.#radios.find((radio) => radio.checked);
    return RANGES[checked?.value ?? ""] ?? FIRST_RANGE;
  }

  showState(facts: StateFacts): void {
    const { kind, text } = chooseStateWord(facts);
    setAttribute(this.#state, "data-state", kind);
    setText(this.#stateWord, text);
    // A screen reader does not read this aloud: only a change of the state is news.
    const isSilent = facts.link === "open" && facts.silentMs > SILENT_MS_MAX;
    setText(this.#silentFor, isSilent ? `for ${formatWait(facts.silentMs / 1000)}` : "");
    setAttribute(this.#pause, "aria-pressed", String(facts.isPaused));
  }

  #togglePause(): void {
    this.#controls.onPause(this.#pause.getAttribute("aria-pressed") !== "true");
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key.toLowerCase() === "p") this.#togglePause();
    const radio = /^[1-3]$/.test(event.key) ? this.#radios[Number(event.key) - 1] : undefined;
    if (radio === undefined || radio.checked) return;
    radio.checked = true;
    this.#controls.onRange(this.range);
  }
}
