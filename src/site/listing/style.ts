// The style of a listing page, and the policy that allows it, the script and nothing else. Pure text, made
// once. html.ts puts the style in, and the server sends the policy with the page.

import { compactStyle, formatContentSecurityPolicy, PAGE_STYLE } from "../../page/style.ts";
import { formatIconRules } from "./row.ts";
import { LISTING_SCRIPT } from "./script.ts";

/**
 * The style of a README below a listing. A table or a line of code that is wider than the window scrolls
 * inside itself.
 */
const README_STYLE = `
.readme{margin-top:1.5rem;background:var(--sheet);border:1px solid var(--line);border-radius:12px;overflow:clip}
.readme>p{margin:0;padding:.625rem 1.25rem;border-bottom:1px solid var(--line);font-size:.8125rem;font-weight:500;overflow-wrap:anywhere}
.readme>p a{display:flex;color:var(--quiet)}
.readme>p a:hover{color:var(--accent)}
.readme>p a::before{content:"";flex:none;width:1.25rem;height:1.25rem;margin-right:.625rem;background:var(--quiet);-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat}
.md{max-width:48rem;padding:.5rem 1.25rem 1rem;overflow-wrap:anywhere}
.md :is(h2,h3,h4,h5,h6){margin:1.75em 0 .5em;font-weight:600;line-height:1.3;letter-spacing:-.01em}
.md>:is(h2,h3,h4,h5,h6):first-child{margin-top:.75em}
.md h2{font-size:1.5rem}
.md h3{font-size:1.25rem}
.md h4{font-size:1.0625rem}
.md :is(h5,h6){font-size:1rem;color:var(--quiet)}
.md :is(p,ul,ol,pre,blockquote){margin:0 0 1em}
.md .wide{margin:0 0 1em}
.md :is(ul,ol){padding-left:1.5rem}
.md li{margin:.25em 0}
.md li :is(ul,ol){margin-bottom:0}
.md a{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em}
.md a:hover{text-decoration-thickness:2px}
.md code{padding:.125em .35em;border-radius:5px;background:var(--hover);font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.md pre{padding:.75rem 1rem;border-radius:8px;background:var(--hover);overflow-x:auto;overflow-wrap:normal}
.md pre code{padding:0;background:none}
.md>pre.text{padding:0;margin:.75rem 0;background:none;white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.md blockquote{padding:.125rem 0 .125rem 1rem;border-left:3px solid var(--fill);color:var(--quiet)}
.md blockquote>:last-child{margin-bottom:0}
.md .wide{overflow-x:auto;overflow-wrap:normal}
.md table{border-collapse:collapse;font-size:.9375rem}
.md :is(th,td){min-width:5rem;padding:.375rem .75rem;border:1px solid var(--line);vertical-align:top}
.md th{background:var(--hover);font-weight:600;white-space:nowrap}
.md :is(th,td){text-align:left}
.md .c{text-align:center}
.md .r{text-align:right}
.md img{max-width:100%;height:auto;border-radius:6px;vertical-align:middle}
.md hr{margin:2em 0;border:0;border-top:1px solid var(--line)}
.md :is(pre,.wide):focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
@media (max-width:640px){.md,.readme>p{padding-left:.875rem;padding-right:.875rem}}
`;

const HEADER_STYLE = `
header{display:flex;flex-wrap:wrap;align-items:center;gap:.375rem .75rem;margin:0 1.25rem 1.25rem}
header nav{flex:1 0 100%}
h1{margin:0;font-size:clamp(1.375rem,1.1rem + 1.4vw,1.875rem);font-weight:600;line-height:1.3;letter-spacing:-.015em;overflow-wrap:anywhere}
h1 small{display:block;margin-bottom:.25rem;font-size:.8125rem;font-weight:400;letter-spacing:.01em;color:var(--quiet)}
h1 i{font-style:normal;font-weight:300;color:var(--quiet);opacity:.6;margin:0 .3em}
h1 a[aria-current]{color:var(--text)}
.home{--s:.9em}
.sum{flex:1 1 auto;margin:0;font-size:.875rem;line-height:2.25rem;color:var(--quiet)}
.note{flex:1 0 100%;margin:.25rem 0 0;padding:.5rem .75rem;border-left:3px solid var(--fill);background:var(--hover);font-size:.875rem}
.note a{text-decoration:underline;text-underline-offset:.2em}
`;

/** Buttons that do what links do look like links. They are buttons so that no crawler follows them. */
const TOOLS_STYLE = `
button{margin:0;padding:0;border:0;background:none;color:var(--accent);font:inherit;text-align:inherit;cursor:pointer}
button:hover{text-decoration:underline;text-underline-offset:.2em}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.pages{display:flex;flex-wrap:wrap;gap:.25rem;margin:1rem 1.25rem 0;font-size:.875rem;font-variant-numeric:tabular-nums}
.pages a{min-width:2.25rem;padding:.25rem .625rem;border:1px solid var(--line);border-radius:8px;background:var(--sheet);text-align:center}
.pages a[aria-current]{border-color:var(--fill);color:var(--text);font-weight:600}
.find{position:relative;flex:0 1 16rem}
.find{--s:1rem}
.find::before{position:absolute;top:.625rem;left:.75rem;pointer-events:none}
.find input{display:block;width:100%;height:2.25rem;padding:0 .75rem 0 2.25rem;border:1px solid var(--line);border-radius:8px;background:var(--sheet);color:var(--text);font:inherit;font-size:.875rem}
.find input::placeholder{color:var(--quiet);opacity:1}
.find input:not(:placeholder-shown){padding-right:7rem}
.find ::-webkit-search-cancel-button{opacity:.5}
.find input:hover{border-color:var(--fill)}
.find input:focus-visible{outline:2px solid var(--accent);outline-offset:-1px;border-color:transparent}
.find :is(kbd,output){position:absolute;top:.5rem;right:.75rem;font:inherit;font-size:.75rem;line-height:1.25rem;color:var(--quiet);font-variant-numeric:tabular-nums;pointer-events:none}
.find kbd{right:.5rem;min-width:1.375rem;padding:0 .25rem;border-radius:5px;background:var(--hover);text-align:center}
.find input:focus~kbd,.find input:not(:placeholder-shown)~kbd{display:none}
@media (hover:none){.find kbd{display:none}}
.get{display:flex;align-items:center;height:2.25rem;padding:0 .875rem 0 .625rem;border:1px solid var(--line);border-radius:8px;background:var(--sheet);font-size:.875rem;white-space:pre}
.get:hover{border-color:var(--fill);text-decoration:none}
`;

const TABLE_STYLE = `
.sheet{container-type:inline-size;background:var(--sheet);border:1px solid var(--line);border-radius:12px;overflow:clip}
.sheet table{width:100%;border-collapse:collapse;table-layout:fixed;font-variant-numeric:tabular-nums}
.sheet th{padding:0;font-size:.8125rem;font-weight:500;text-align:left}
.sheet th button{display:block;width:100%;padding:.75rem;color:var(--quiet);font-weight:500}
.sheet th button:hover{color:var(--text);text-decoration:none}
.sheet th button:focus-visible{outline-offset:-3px;border-radius:8px}
.sheet th[aria-sort] button{color:var(--text)}
th[aria-sort] button::after{content:"\\2191";margin-left:.3em;color:var(--accent)}
th[aria-sort=descending] button::after{content:"\\2193"}
.sheet .s,.sheet .h{text-align:right}
td.h{overflow-wrap:normal}
th.s{width:7rem}th.m{width:10rem}th.h{width:10.5rem}
.sheet tbody tr{border-top:1px solid var(--line)}
.sheet tr[hidden]{display:none}
.sheet td{padding:.5625rem .75rem;vertical-align:top;font-size:.875rem;line-height:1.5rem;color:var(--quiet);overflow-wrap:anywhere}
.sheet tbody tr:hover{background:var(--hover)}
.sheet th:first-child button{padding-left:1.25rem}
.sheet th:last-child button,.sheet td:last-child{padding-right:1.25rem}
.sheet td:first-child{padding:0;font-size:.9375rem}
.sheet td a{display:flex;padding:.5625rem .75rem .5625rem 1.25rem;color:var(--text)}
.sheet td a:hover{color:var(--accent)}
bdi{direction:ltr;white-space:pre-wrap;min-width:0}
.sheet a:focus-visible{outline-offset:-3px;border-radius:8px}
.dir bdi{font-weight:500}
.sheet .up a{color:var(--quiet)}
.none{margin:0;padding:3rem 1.25rem;text-align:center;color:var(--quiet);border-top:1px solid var(--line)}
.none:first-child{border-top:0}
.none[hidden]{display:none}
.h span{display:flex;align-items:center;justify-content:flex-end;gap:.625rem;color:var(--text)}
.h svg{flex:0 1 4.5rem;min-width:0;margin-right:auto;height:.3125rem;border-radius:1rem;background:var(--line);fill:var(--fill)}
`;

/**
 * A picture is as wide as the sheet allows. It covers the neighbouring cells, which are empty below their
 * first line, and is never higher than most of the window. Its background is light in both schemes, because
 * drawings without a background are made for paper.
 */
const PREVIEW_STYLE = `
.pic{position:relative}
.sheet .pic a{padding-right:3rem}
.pic summary{position:absolute;top:.3125rem;right:.5rem;display:grid;place-items:center;width:2rem;height:2rem;border-radius:8px;cursor:pointer;list-style:none;color:var(--quiet)}
.pic summary::-webkit-details-marker{display:none}
.pic summary:hover{background:var(--line);color:var(--text)}
.pic summary:focus-visible{outline:2px solid var(--accent);outline-offset:-3px}
.pic [open] summary{color:var(--accent)}
.pic img{position:relative;display:block;max-width:100%;max-width:calc(100cqw - 4.5rem);max-height:60vh;margin:.25rem 0 1rem 3.25rem;border-radius:6px;background:#f4f6f7;color:#46565e;font-size:.875rem;object-fit:contain}
`;

const ICON_STYLE = `
.sheet td a::before,.home::before,.get::before,.find::before,.pic summary::before{
  content:"";flex:none;width:var(--s,1.25rem);height:var(--s,1.25rem);
  background:var(--quiet);-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat;
}
.sheet td a::before{margin:.125rem .75rem 0 0}
.dir a::before{background:var(--fill)}
.home::before{display:inline-block;vertical-align:-.09em;background:var(--accent)}
.home[aria-current]::before{margin-right:.35em}
.get::before{margin-right:.5rem;background:var(--accent)}
.sheet .pic summary::before{background:currentcolor}
@media (forced-colors:active){.sheet td a::before,.home::before,.get::before,.pic summary::before{background:LinkText;forced-color-adjust:none}}
${formatIconRules()}
`;

const FOOTER_STYLE = `
footer{display:flex;justify-content:space-between;gap:1rem;margin:1rem 1.25rem 0;font-size:.8125rem;color:var(--quiet)}
footer span{display:flex;align-items:center;gap:.4rem}
footer svg{width:1rem;height:1rem;fill:none;stroke:var(--accent);stroke-width:2.5;stroke-linecap:round}
`;

const NARROW_STYLE = `
@media (max-width:640px){
  th.s{width:5.25rem}th.m{width:8.75rem}th.h{width:4.25rem}
  header,footer,.pages{margin-left:.875rem;margin-right:.875rem}
  .sum{flex-basis:100%}
  .find{flex:1 1 8rem}
  .get span{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;white-space:nowrap}
  .h svg{display:none}
  td.h{overflow-wrap:anywhere}
  .sheet th button{padding:.75rem .5rem}
  .sheet td{padding:.6875rem .5rem}
  .sheet td a{padding:.6875rem .5rem .6875rem .875rem}
  .sheet td a::before{margin-right:.625rem}
  .sheet th:first-child button{padding-left:.875rem}
  .sheet th:last-child button,.sheet td:last-child{padding-right:.875rem}
  .sheet .pic a{padding-right:.5rem}
  .sheet .pic a::before{visibility:hidden}
  .pic summary{top:.1875rem;right:auto;left:.25rem;width:2.5rem;height:2.5rem;color:var(--accent)}
  .pic img{max-width:calc(100cqw - 1.75rem);margin:.25rem .875rem 1rem}
}
@media (max-width:480px){.m{display:none}}
@media (scripting:none){
  .sheet .pic a{padding-right:.75rem}
  .sheet .pic a::before{visibility:visible}
}
@media print{
  .sheet{border:0}
  footer,.up,.find,.get,.pages,details{display:none}
  time::after{content:" (" attr(title) ")"}
}
`;

export const LISTING_STYLE: string =
  PAGE_STYLE +
  compactStyle(
    HEADER_STYLE +
      TOOLS_STYLE +
      TABLE_STYLE +
      PREVIEW_STYLE +
      ICON_STYLE +
      README_STYLE +
      FOOTER_STYLE +
      NARROW_STYLE,
  );

/** The `Content-Security-Policy` of every listing page. */
export const LISTING_CONTENT_SECURITY_POLICY: string = formatContentSecurityPolicy(LISTING_STYLE, {
  script: LISTING_SCRIPT,
  showsPictures: true,
  hasForms: true,
});
