// The style of a listing page and the policy that allows it and nothing else. Pure text, made once.
// Called by listing-html.ts; the server sends the policy with the page.

import { compactStyle, formatContentSecurityPolicy, PAGE_STYLE } from "../http/page-style.ts";
import { formatIconRules } from "./listing-icon.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";

const HEADER_STYLE = `
header{margin:0 1.25rem 1.5rem}
h1{margin:0;font-size:clamp(1.375rem,1.1rem + 1.4vw,1.875rem);font-weight:600;line-height:1.3;letter-spacing:-.015em;overflow-wrap:anywhere}
h1 small{display:block;margin-bottom:.25rem;font-size:.8125rem;font-weight:400;letter-spacing:.01em;color:var(--quiet)}
h1 i{font-style:normal;font-weight:300;color:var(--quiet);opacity:.6;margin:0 .3em}
h1 a[aria-current]{color:var(--text)}
.home{--s:.9em}
.sum{margin:.375rem 0 0;font-size:.875rem;color:var(--quiet)}
.note{margin:.75rem 0 0;padding:.5rem .75rem;border-left:3px solid var(--fill);background:var(--hover);font-size:.875rem}
`;

const TABLE_STYLE = `
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:12px;overflow:clip}
table{width:100%;border-collapse:collapse;table-layout:fixed;font-variant-numeric:tabular-nums}
th{padding:0;font-size:.8125rem;font-weight:500;text-align:left;}
th a{display:block;padding:.75rem;color:var(--quiet)}
th a:hover{color:var(--text);text-decoration:none}
th[aria-sort] a{color:var(--text)}
th[aria-sort] a::after{content:"\\2191";margin-left:.3em;color:var(--accent)}
th[aria-sort=descending] a::after{content:"\\2193"}
.s,.h{text-align:right}
td.h{overflow-wrap:normal}
th.s{width:7rem}th.m{width:11rem}th.h{width:10.5rem}
tbody tr{border-top:1px solid var(--line)}
td{padding:.5625rem .75rem;vertical-align:top;font-size:.875rem;line-height:1.5rem;color:var(--quiet);overflow-wrap:anywhere}
tbody tr:hover{background:var(--hover)}
th:first-child a,td:first-child a{padding-left:1.25rem}
th:last-child a,td:last-child{padding-right:1.25rem}
td:first-child{padding:0;font-size:.9375rem}
td:first-child a{display:flex;padding:.5625rem .75rem .5625rem 1.25rem;color:var(--text)}
td:first-child a:hover{color:var(--accent)}
bdi{direction:ltr;white-space:pre-wrap;min-width:0}
td a:focus-visible,th a:focus-visible{outline-offset:-3px;border-radius:8px}
.dir bdi{font-weight:500}
td.up a{color:var(--quiet)}
.none{margin:0;padding:3rem 1.25rem;text-align:center;color:var(--quiet);border-top:1px solid var(--line)}
.none:first-child{border-top:0}
.h span{display:flex;align-items:center;justify-content:flex-end;gap:.625rem;color:var(--text)}
.h svg{flex:0 1 4.5rem;min-width:0;margin-right:auto;height:.3125rem;border-radius:1rem;background:var(--line);fill:var(--fill)}
`;

const ICON_STYLE = `
td a::before,.home::before{
  content:"";flex:none;display:block;width:var(--s,1.25rem);height:var(--s,1.25rem);margin:.125rem .75rem 0 0;
  background:var(--quiet);-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat;
}
.dir a::before{background:var(--fill)}
.home::before{display:inline-block;margin:0;vertical-align:-.09em;background:var(--accent)}
.home[aria-current]::before{margin-right:.35em}
@media (forced-colors:active){td a::before,.home::before{background:LinkText;forced-color-adjust:none}}
${formatIconRules()}
`;

const FOOTER_STYLE = `
footer{display:flex;justify-content:space-between;gap:1rem;margin:1rem 1.25rem 0;font-size:.8125rem;color:var(--quiet)}
footer span{display:flex;align-items:center;gap:.4rem}
footer p{margin:0}
footer svg{width:1rem;height:1rem;fill:none;stroke:var(--accent);stroke-width:2.5;stroke-linecap:round}
`;

const NARROW_STYLE = `
@media (max-width:640px){
  th.s{width:5.25rem}th.m{width:9.25rem}th.h{width:4.25rem}
  header,footer{margin-left:.875rem;margin-right:.875rem}
  .h svg{display:none}
  td.h{overflow-wrap:anywhere}
  th a{padding:.75rem .5rem}
  td{padding:.6875rem .5rem}
  td:first-child a{padding:.6875rem .5rem .6875rem .875rem}
  td a::before{margin-right:.625rem}
  th:first-child a{padding-left:.875rem}
  th:last-child a,td:last-child{padding-right:.875rem}
}
@media (max-width:480px){.m{display:none}}
@media print{.sheet{border:0}footer,.up{display:none}}
`;

export const LISTING_STYLE: string =
  PAGE_STYLE + compactStyle(HEADER_STYLE + TABLE_STYLE + ICON_STYLE + FOOTER_STYLE + NARROW_STYLE);

/** To be sent with every listing page as `Content-Security-Policy`. */
export const LISTING_CONTENT_SECURITY_POLICY: string = formatContentSecurityPolicy(
  LISTING_STYLE,
  LISTING_SCRIPT,
);
