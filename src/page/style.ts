// The look that all of weir's pages share: colours, type, focus, the icon of the tab. Pure text. Used by the error
// page and the listing; it knows neither.

import { createHash } from "node:crypto";

/** The mark: a river that falls over a low dam. It is stroked, so it takes any colour. */
export const WEIR_MARK_PATHS =
  '<path d="M2 7.5h7.5c4.5 0 4.5 9 8.5 9h4"/><path d="M2 12h5.5c3.5 0 3.5 9 7.5 9h7" opacity=".55"/><path d="M2 3h20" opacity=".25"/>';

/** An SVG as a data URL: no request is needed, and `img-src data:` allows it. */
export function formatSvgDataUrl(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg).replaceAll("'", "%27").replaceAll("(", "%28").replaceAll(")", "%29")}`;
}

/** The icon of the tab is part of the page, so browsers do not ask for /favicon.ico. */
export const PAGE_ICON_URL = formatSvgDataUrl(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6b87"/><g transform="translate(4 4)" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round">${WEIR_MARK_PATHS}</g></svg>`,
);

/**
 * The beginning of a page, up to its body.
 * @param titleHtml escaped
 * @param style the exact text that the page's policy allows by its hash
 * @param policy of a page that is a file, which no server sends with a policy
 */
export function formatPageHead(titleHtml: string, style: string, policy?: string): string {
  const policyHtml =
    policy === undefined ? "" : `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyHtml}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleHtml}</title>
<link rel="icon" href="${PAGE_ICON_URL}">
<style>${style}</style>
</head>
`;
}

/** Takes out line breaks and indents, which are for the reader of the source. */
export function compactStyle(style: string): string {
  return style.replace(/\s*\n\s*/g, "").trim();
}

/**
 * The contrast of text on its background is at least 4.5:1 in both schemes (WCAG 2.2, 1.4.3); a test computes it.
 */
export const PAGE_COLOURS = {
  light: {
    ground: "#f6f9fa",
    sheet: "#ffffff",
    text: "#17262d",
    quiet: "#566a74",
    line: "#e3eaed",
    hover: "#eef5f7",
    accent: "#0b6b87",
    fill: "#5fa9bd",
  },
  dark: {
    ground: "#0d1518",
    sheet: "#131d21",
    text: "#dce6ea",
    quiet: "#8fa3ad",
    line: "#223036",
    hover: "#1a272c",
    accent: "#74c7de",
    fill: "#3d8aa0",
  },
} as const;

export type ColourScheme = keyof typeof PAGE_COLOURS;

function formatColours(scheme: ColourScheme): string {
  return Object.entries(PAGE_COLOURS[scheme])
    .map(([name, value]) => `--${name}:${value};`)
    .join("");
}

export const PAGE_STYLE: string = compactStyle(`
:root{color-scheme:light dark;${formatColours("light")}}
@media (prefers-color-scheme:dark){:root{${formatColours("dark")}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{
  margin:0;background:var(--ground);color:var(--text);
  font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,Cantarell,sans-serif;
}
main{max-width:60rem;margin:0 auto;padding:clamp(1.25rem,5vw,3.5rem) clamp(.75rem,4vw,2rem)}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline;text-underline-offset:.2em}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
`);

export interface PagePolicy {
  /** The text of the page's only script. */
  readonly script?: string;
  /** Whether the page may show pictures of its own server. */
  readonly showsPictures?: boolean;
  /** Whether its forms may ask its own server. */
  readonly hasForms?: boolean;
  /** Whether the policy stands in the page's own head, where browsers ignore frame-ancestors. */
  readonly isInPage?: boolean;
}

/**
 * The Content-Security-Policy of a page whose whole style is `style`. It allows that style, the page's script if
 * there is one, pictures from data URLs and, if the page shows any, from its own server, and forms that ask its
 * own server if there are any. It allows nothing else: even if a name ever broke out of its text, no other script
 * and no other origin would get in.
 */
export function formatContentSecurityPolicy(style: string, policy: PagePolicy = {}): string {
  const { script, showsPictures = false, hasForms = false, isInPage = false } = policy;
  const scriptSource = script === undefined ? "" : ` script-src ${formatHashSource(script)};`;
  const pictures = showsPictures ? "'self' data:" : "data:";
  return `default-src 'none';${scriptSource} style-src ${formatHashSource(style)}; img-src ${pictures}; base-uri 'none'; form-action ${hasForms ? "'self'" : "'none'"}${isInPage ? "" : "; frame-ancestors 'self'"}`;
}

function formatHashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
