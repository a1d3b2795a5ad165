// Markdown of strangers, as HTML that can do no harm. Pure. readme.ts calls it, and loads it only where
// READMEs are shown, because loading the parser takes a thread a while.
//
// It is safe by construction: the renderer alone makes tags, and HTML in the text is recognised and left
// out. The policy of the page is the second line of defence.

import type { Env, RendererRule, Token } from "markdown-it";
import MarkdownIt from "markdown-it";
import { escapeHtml } from "../../page/text.ts";

/** Quotes in lists in quotes: people nest them four deep at most. */
const NESTING_MAX = 20;
/**
 * Time goes into each character that may mean something, and above all into each line, which may be an
 * item of a list: so many take some hundredths of a second at worst, however they are put together.
 * The densest 110 KB of documentation that we found come to 24,000.
 */
const MARKS_MAX = 26_000;
const MARKS = /[\n[\]*_~`!<>&\\|]/g;
const MARKS_OF_LINE = 4;

interface RenderState {
  /** Whether the renderer is inside a link, which must contain no other. */
  isInLink: boolean;
  /** How many headings have had that name. */
  readonly headings: Map<string, number>;
}

const FOREIGN = ' rel="nofollow noopener noreferrer"';
/** Keeps names from the text apart from those that the page and its script use. */
const HEADING_ID = "readme-";

export class MarkdownPage {
  readonly #parser: InstanceType<typeof MarkdownIt>;

  constructor() {
    // html: recognised, so that it can be left out. Otherwise it would be shown as text.
    this.#parser = new MarkdownIt("default", { html: true, linkify: false });
    this.#parser.set({ maxNesting: NESTING_MAX });
    this.#parser.validateLink = (address) => decideReadmeLink(address).kind !== "refused";
    Object.assign(this.#parser.renderer.rules, RULES);
  }

  /** undefined for a text that would take longer than a page may. */
  render(markdown: string): string | undefined {
    if (countMarks(markdown) > MARKS_MAX) return undefined;
    const state: RenderState = { isInLink: false, headings: new Map() };
    return this.#parser.render(markdown, { state });
  }
}

function countMarks(markdown: string): number {
  let count = 0;
  for (const [mark] of markdown.matchAll(MARKS)) count += mark === "\n" ? MARKS_OF_LINE : 1;
  return count;
}

function readAttribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? "");
}

function stateOf(env: Env | undefined): RenderState {
  return env?.state as RenderState;
}

const nothing: RendererRule = () => "";

const openHeading: RendererRule = (tokens, index, _options, env) => {
  const token = tokens[index]!;
  const parts = tokens[index + 1]?.children ?? [];
  const title = parts.map(({ type, content }) => (type === "html_inline" ? "" : content)).join("");
  return `<${lowerHeading(token)} id="${escapeHtml(nameHeading(title, stateOf(env)))}">`;
};

const closeHeading: RendererRule = (tokens, index) => `</${lowerHeading(tokens[index]!)}>\n`;

/** One level down, because the page itself has the first. */
function lowerHeading({ tag }: Token): string {
  return `h${Math.min(Number(tag.slice(1)) + 1, 6)}`;
}

/** Headings are named as on other sites, so that a table of contents leads to them. */
function nameHeading(title: string, { headings }: RenderState): string {
  const name = title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
  const count = headings.get(name) ?? 0;
  headings.set(name, count + 1);
  return HEADING_ID + (count === 0 ? name : `${name}-${count}`);
}

const openLink: RendererRule = (tokens, index, _options, env) => {
  stateOf(env).isInLink = true;
  return formatLinkStart(readAttribute(tokens[index]!, "href"));
};

const closeLink: RendererRule = (_tokens, _index, _options, env) => {
  stateOf(env).isInLink = false;
  return "</a>";
};

function formatLinkStart(href: string): string {
  const { kind } = decideReadmeLink(href);
  if (kind === "foreign") return `<a href="${escapeHtml(href)}"${FOREIGN}>`;
  const target = href.startsWith("#") ? `#${HEADING_ID}${href.slice(1)}` : href;
  return `<a href="${escapeHtml(target)}">`;
}

/** A picture of another site would tell that site who reads, so it becomes a link. */
const image: RendererRule = (tokens, index, options, env, renderer) => {
  const token = tokens[index]!;
  const source = readAttribute(token, "src");
  const alt = escapeHtml(renderer.renderInlineAsText(token.children ?? [], options, env));
  const link = decideReadmeLink(source);
  if (link.kind === "own") return `<img loading="lazy" src="${escapeHtml(source)}" alt="${alt}">`;
  const isLink = link.kind === "foreign" && link.isPage && !stateOf(env).isInLink;
  return isLink ? `${formatLinkStart(source)}${alt || escapeHtml(source)}</a>` : alt;
};

const code: RendererRule = (tokens, index) =>
  `<pre tabindex="0"><code>${escapeHtml(tokens[index]!.content)}</code></pre>\n`;

/** Aligned by class, because the policy allows no style attribute. */
const openCell: RendererRule = (tokens, index) => {
  const { tag } = tokens[index]!;
  const align = /text-align:(right|center)/.exec(readAttribute(tokens[index]!, "style"))?.[1];
  return align === undefined ? `<${tag}>` : `<${tag} class="${align[0]}">`;
};

const RULES: Readonly<Record<string, RendererRule>> = {
  html_block: nothing,
  html_inline: nothing,
  heading_open: openHeading,
  heading_close: closeHeading,
  link_open: openLink,
  link_close: closeLink,
  image,
  fence: code,
  code_block: code,
  th_open: openCell,
  td_open: openCell,
  table_open: () => '<div class="wide" tabindex="0"><table>\n',
  table_close: () => "</table></div>\n",
};

export type ReadmeLink =
  /** On this server: a relative address, or a fragment of the page. */
  | { readonly kind: "own" }
  /** Another site, or a mail address. */
  | { readonly kind: "foreign"; readonly isPage: boolean }
  /** A scheme that no text of strangers needs: javascript, data, file and the like. */
  | { readonly kind: "refused" };

/** These stand for the server, whatever its name and scheme: no real name ends so (RFC 2606 §2). */
const OWN_BASES = ["http://weir.invalid/folder/", "https://weir.invalid/folder/"];

/**
 * Whether a README may link to an address, and how. The address is read by the rules of browsers (the URL
 * standard), not by how it looks.
 */
export function decideReadmeLink(address: string): ReadmeLink {
  const url = URL.parse(address);
  // An address with a scheme is never ours: "http:page" is relative on a page of http, and on no other.
  if (url === null) return isOwn(address) ? { kind: "own" } : decideForeign(address);
  return decideByScheme(url);
}

function isOwn(address: string): boolean {
  return OWN_BASES.every((base) => URL.parse(address, base)?.origin === new URL(base).origin);
}

/** An address without a scheme that leads elsewhere all the same: `//other.example/`. */
function decideForeign(address: string): ReadmeLink {
  const url = URL.parse(address, OWN_BASES[0]);
  return url === null ? { kind: "refused" } : decideByScheme(url);
}

function decideByScheme({ protocol }: URL): ReadmeLink {
  if (protocol === "mailto:") return { kind: "foreign", isPage: false };
  if (protocol === "http:" || protocol === "https:") return { kind: "foreign", isPage: true };
  return { kind: "refused" };
}
