// The style of the reports: that of weir's other pages, plus cards, tables and plots. Pure text.

import { compactStyle, PAGE_STYLE } from "../../http/page-style.ts";
import type { Tone } from "./svg-plot.ts";

type ToneColours = Readonly<Record<Tone, string>>;

/**
 * The contrast with the sheet is at least 3:1 in both schemes (WCAG 2.2, 1.4.11); a test computes it. Two
 * lines of one plot never differ by hue alone: each is also dashed in its own way.
 */
export const TONE_COLOURS: { readonly light: ToneColours; readonly dark: ToneColours } = {
  light: {
    admitted: "#0b6b87",
    refused: "#b86a00",
    failed: "#c62f42",
    due: "#566a74",
    first: "#0b6b87",
    second: "#b86a00",
    third: "#7a4fb0",
  },
  dark: {
    admitted: "#74c7de",
    refused: "#e8ad52",
    failed: "#ff8088",
    due: "#8fa3ad",
    first: "#74c7de",
    second: "#e8ad52",
    third: "#bda0ea",
  },
};

const TONES = Object.keys(TONE_COLOURS.light) as Tone[];

function formatToneVariables(colours: ToneColours): string {
  return TONES.map((tone) => `--${tone}:${colours[tone]};`).join("");
}

export const REPORT_STYLE: string =
  PAGE_STYLE +
  compactStyle(`
:root{${formatToneVariables(TONE_COLOURS.light)}}
@media (prefers-color-scheme:dark){:root{${formatToneVariables(TONE_COLOURS.dark)}}}
${TONES.map((tone) => `.${tone}{--tone:var(--${tone})}`).join("")}
body{overflow-wrap:anywhere}
main{max-width:58rem}
header svg{display:block;width:2.25rem;height:2.25rem;margin-bottom:1rem;fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linecap:round}
h1{margin:0;font-size:clamp(1.375rem,1.1rem + 1.6vw,2rem);font-weight:600;line-height:1.25;letter-spacing:-.02em}
.lead{margin:.5rem 0 0;font-size:1.0625rem;text-wrap:pretty}
.quiet{color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:1.25rem 0 0;font-size:.9375rem}
nav a{padding:.25rem 0}
section{margin-top:1.25rem;padding:clamp(1rem,3vw,1.75rem);background:var(--sheet);border:1px solid var(--line);border-radius:14px}
h2{margin:0 0 .375rem;font-size:1.1875rem;font-weight:600;letter-spacing:-.01em}
h3{margin:1.75rem 0 .25rem;font-size:1rem;font-weight:600}
section p{margin:0 0 .75rem;max-width:44rem;text-wrap:pretty}
.notes{margin:1rem 0 0;padding:0;list-style:none}
.notes li{margin:.375rem 0;padding-left:.75rem;border-left:3px solid var(--refused)}
.verdict{margin:1.25rem 0 0;padding-left:.75rem;border-left:3px solid var(--admitted)}
.verdict.contradicted{border-color:var(--failed)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.75rem,1fr));gap:1px;margin:1.5rem 0 0;padding:0;background:var(--line);border:1px solid var(--line);border-radius:14px;overflow:hidden}
.tiles div{display:flex;flex-direction:column-reverse;justify-content:flex-end;padding:.875rem 1rem;background:var(--sheet)}
.tiles dt{color:var(--quiet);font-size:.875rem}
.tiles dd{margin:0;font-size:1.25rem;white-space:nowrap;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;margin-top:.75rem}
.scroll+p{margin-top:1.25rem}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
table{width:100%;border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{padding:.375rem .75rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{padding-left:0;text-align:left}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--quiet);font-size:.8125rem;font-weight:500}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.facts th{width:min(36%,17rem);padding-right:1.5rem;color:var(--quiet);font-weight:400;vertical-align:top}
.facts th,.facts td{text-align:left;white-space:normal;overflow-wrap:anywhere}
details{margin-top:1rem}
summary{width:fit-content;color:var(--accent);font-size:.9375rem;cursor:pointer}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.75rem 0 0;padding:0;list-style:none;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.5rem}
.plot{display:block;box-sizing:content-box;width:100%;overflow:visible;fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
.line-plot{width:calc(100% - 72px);margin-top:.5rem;padding:28px 16px 44px 56px}
.bar-plot{margin-top:.75rem;font-size:14px;fill:var(--text)}
.plot .axis{fill:var(--quiet)}
.plot .grid{stroke:var(--line)}
.plot .tick{stroke:var(--quiet);opacity:.5}
.plot .figure{fill:var(--quiet)}
.plot .track{fill:var(--line);opacity:.6}
.plot rect[class]{rx:3px}
.bar-plot rect:not(.track){fill:var(--tone)}
.lines{overflow:visible}
.lines path,.swatch path{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.lines .area{fill:var(--tone);opacity:.12;stroke:none}
.lines .dot{stroke-width:7}
.swatch{flex:none}
.line.refused,.line.second,.refused.swatch path,.second.swatch path{stroke-dasharray:7 4}
.line.failed,.line.third,.failed.swatch path,.third.swatch path{stroke-dasharray:2 4}
.line.due,.due.swatch path{stroke-dasharray:1 6}
.bars .swatch path{stroke-width:8;stroke-dasharray:none;stroke-linecap:butt}
footer{margin-top:1.5rem;color:var(--quiet);font-size:.875rem}
@media (max-width:30rem){section{margin-inline:-.25rem}th,td{padding-inline:.5rem}}
@media print{section{break-inside:avoid}details{display:block}}
`);
