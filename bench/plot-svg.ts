// The drawing of the results: for each size of file a group of bars, one a server, CPU time for one
// answer relative to nginx. Made by hand so that it is small, and legible in light and dark. Pure.

export interface Bar {
  readonly name: string;
  /** CPU time relative to nginx. */
  readonly ratio: number;
}

export interface BarGroup {
  readonly name: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
/** Bars begin behind the names and the values, so that no bar and no line crosses a text. */
const BAR_START = 190;
const RIGHT_MARGIN = 16;
const BAR_HEIGHT = 18;
const BAR_STEP = 24;
const GROUP_GAP = 34;
const TOP = 64;
/** Bars of servers that take far longer end here with an arrow, or the others would be slivers. */
const RATIO_MAX = 3;

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1b1f24; }
    .title { font-size: 16px; font-weight: 600; }
    .group { font-weight: 600; }
    .value { font-variant-numeric: tabular-nums; text-anchor: end; }
    .bar { fill: #8b96a3; }
    .weir { fill: #0b6bcb; }
    .one { stroke: #1b1f24; stroke-dasharray: 2 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .bar { fill: #6e7a87; }
      .weir { fill: #5aa9ff; }
      .one { stroke: #e6edf3; }
    }`;

/** A whole SVG document; its title and description say the same in words. */
export function drawPlot(title: string, groups: readonly BarGroup[]): string {
  const parts: string[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    parts.push(`<text class="group" x="8" y="${y}">${escapeText(name)}</text>`);
    y += 10;
    for (const bar of bars) {
      parts.push(drawBar(bar, y));
      y += BAR_STEP;
    }
    y += GROUP_GAP;
  }
  const height = y - GROUP_GAP + 12;
  const one = xOf(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escapeText(title)}</title>`,
    `  <desc id="description">${escapeText(describe(groups))}</desc>`,
    `  <style>${STYLE}\n  </style>`,
    `  <text class="title" x="8" y="24">${escapeText(title)}</text>`,
    `  <line class="one" x1="${one}" y1="${TOP - 12}" x2="${one}" y2="${height - 8}"/>`,
    ...parts.map((part) => `  ${part}`),
    "</svg>",
    "",
  ].join("\n");
}

function drawBar({ name, ratio }: Bar, y: number): string {
  const middle = y + BAR_HEIGHT / 2 + 4;
  const width = round(xOf(Math.min(ratio, RATIO_MAX)) - BAR_START);
  const value = `${ratio.toFixed(2)}${ratio > RATIO_MAX ? " →" : ""}`;
  return [
    `<text x="16" y="${middle}">${escapeText(name)}</text>`,
    `<text class="value" x="${BAR_START - 12}" y="${middle}">${value}</text>`,
    `<rect class="bar${name === "weir" ? " weir" : ""}" x="${BAR_START}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
  ].join("");
}

function xOf(ratio: number): number {
  return round(BAR_START + (ratio / RATIO_MAX) * (WIDTH - BAR_START - RIGHT_MARGIN));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** `1 KB: weir 0.92, nginx 1.00. 10 KB: …` */
function describe(groups: readonly BarGroup[]): string {
  return groups
    .map(({ name, bars }) => {
      const values = bars.map((bar) => `${bar.name} ${bar.ratio.toFixed(2)}`);
      return `${name}: ${values.join(", ")}.`;
    })
    .join(" ");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
