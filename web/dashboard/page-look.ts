// The colours that a canvas needs by value, because it does not see the style sheet. Their values are in
// look.css alone, once for each scheme. It has no DOM: the caller says how to read a variable.

const COLOUR_NAMES = [
  "quiet",
  "line",
  "accent",
  "wash",
  "succeeded",
  "redirected",
  "mistaken",
  "refused",
  "failed",
  "first",
  "second",
  "third",
] as const;

export type ColourName = (typeof COLOUR_NAMES)[number];

export type PlotColours = Readonly<Record<ColourName, string>>;

/** @param read returns the value of a variable of the style sheet, by its name with the dashes */
export function readPlotColours(read: (variable: string) => string): PlotColours {
  return Object.fromEntries(
    COLOUR_NAMES.map((name) => [name, read(`--${name}`).trim()]),
  ) as PlotColours;
}
