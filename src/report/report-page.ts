// One report as one HTML file that needs nothing else: style and plots are inline, there is no script,
// and the policy in its head lets nothing be fetched. Pure. Used by load-html.ts and lab-html.ts.

import { createHash } from "node:crypto";
import { PAGE_ICON_URL, WEIR_MARK_PATHS } from "../http/page-style.ts";
import { escapeHtml, formatVisible } from "../http/page-text.ts";
import { REPORT_STYLE } from "./report-style.ts";

export interface Section {
  /** Unique on the page; the links of the page lead to it. */
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

export interface ReportPage {
  readonly title: string;
  readonly heading: string;
  /** What stands below the heading; HTML. */
  readonly leadHtml: string;
  readonly sections: readonly Section[];
  /** ISO 8601. */
  readonly started: string;
}

export function formatReportPage(page: ReportPage): string {
  const links = page.sections.map(({ id, title }) => `<a href="#${id}">${escapeText(title)}</a>`);
  const sections = page.sections.map(
    ({ id, title, html }) =>
      `<section id="${id}" aria-labelledby="${id}-heading">\n<h2 id="${id}-heading">${escapeText(title)}</h2>\n${html}\n</section>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${formatPolicy(REPORT_STYLE)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(page.title)}</title>
<link rel="icon" href="${PAGE_ICON_URL}">
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>
<h1>${escapeText(page.heading)}</h1>
${page.leadHtml}
<nav aria-label="Parts of this page">${links.join("")}</nav>
</header>
${sections.join("\n")}
<footer>Measured by weir, ${formatMoment(page.started)}.</footer>
</main>
</body>
</html>
`;
}

/** Text of anyone as the content of an element: escaped, with nothing hidden in it. */
export function escapeText(text: string): string {
  return escapeHtml(formatVisible(text));
}

/** `style` by its hash and data URLs for images; frame-ancestors has no effect in a page's head. */
function formatPolicy(style: string): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** The clock of the machine that measured, told as what it is: UTC. */
function formatMoment(isoTime: string): string {
  const readable = isoTime.replace("T", " ").replace(/\.\d+Z$/, " UTC");
  return `<time datetime="${escapeHtml(isoTime)}">${escapeText(readable)}</time>`;
}
