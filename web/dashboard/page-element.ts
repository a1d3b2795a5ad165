// Finds the elements of index.html, and writes into them only what has changed, so that a second in which
// little happens costs the browser little. Every file of the page that shows something calls it. Text goes in
// as text: the name of a file or client is never read as HTML.

/** @throws Error if index.html has no such element, so that it does not belong to this script */
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

/** A bar's length as a share of its track, 0 to 1. No other element moves, so the browser need not lay out the page again. */
export function setBar(bar: HTMLElement, share: number): void {
  const transform = `scaleX(${Math.min(1, Math.max(0, share)).toFixed(3)})`;
  if (bar.style.transform !== transform) bar.style.transform = transform;
}

/** A new element with a class and, if given, a text. */
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

/** The track of a bar, and the bar in it. Screen readers skip it, because the number is beside it. */
export function makeBar(): { readonly track: HTMLElement; readonly bar: HTMLElement } {
  const track = makeElement("span", "bar");
  const bar = makeElement("span", "length");
  track.setAttribute("aria-hidden", "true");
  track.append(bar);
  return { track, bar };
}
