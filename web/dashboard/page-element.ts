// Reaching the elements of index.html, and writing into them only what has changed, so that a second
// in which little happens costs the browser little. Called by every file of the page that shows
// something. Text goes in as text: no name of a file or client is ever read as HTML.

/** @throws Error when index.html and the script do not belong together. */
export function requireElement<Kind extends Element>(
  selector: string,
  kind: new () => Kind,
  within: ParentNode = document,
): Kind {
  const element = within.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${selector}`);
  return element;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setHidden(element: HTMLElement, isHidden: boolean): void {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

/** A bar's length as a share of its track, 0 to 1. Moves no other element: nothing is laid out anew. */
export function setBar(bar: HTMLElement, share: number): void {
  const transform = `scaleX(${Math.min(1, Math.max(0, share)).toFixed(3)})`;
  if (bar.style.transform !== transform) bar.style.transform = transform;
}

/** A new element with a class and, where given, a text. */
export function makeElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = "",
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/** The track of a bar, and the bar in it. For the eye: the number stands beside it. */
export function makeBar(): { readonly track: HTMLElement; readonly bar: HTMLElement } {
  const track = makeElement("span", "bar");
  const bar = makeElement("span", "length");
  track.setAttribute("aria-hidden", "true");
  track.append(bar);
  return { track, bar };
}
