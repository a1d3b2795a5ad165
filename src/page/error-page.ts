// The body of an error answer: what happened and what to do about it, as a short page or as JSON. Pure; it knows
// no request. request/render.ts chooses the text and the form, and sends ERROR_PAGE_CONTENT_SECURITY_POLICY with
// the page.

import { reasonOf } from "../http/reply.ts";
import {
  compactStyle,
  formatContentSecurityPolicy,
  formatPageHead,
  PAGE_STYLE,
  WEIR_MARK_PATHS,
} from "./style.ts";
import { escapeHtml, formatJsonString, formatVisible } from "./text.ts";

export interface ErrorText {
  readonly status: number;
  /** The reason phrase: `Not Found`. */
  readonly reason: string;
  /** What happened, as a sentence. */
  readonly explanation: string;
  /** What to do about it, as a sentence. */
  readonly remedy?: string | undefined;
}

type ErrorSentences = readonly [explanation: string, remedy: string];

const ASK_AGAIN_LATER = "Try again in a moment.";

const ERROR_SENTENCES: Readonly<Record<number, ErrorSentences>> = {
  301: [
    "This has another address.",
    "Go to the one in the Location field; browsers do by themselves.",
  ],
  400: [
    "The request is not one that can be understood in exactly one way.",
    "Check the address for stray characters or broken percent escapes.",
  ],
  403: [
    "This exists, but the server may not read it.",
    "Ask the person who runs this server to make it readable.",
  ],
  404: [
    "There is nothing at this address.",
    "Check the spelling, capitals included, or look for it from the root folder.",
  ],
  405: ["This server only hands out files: it cannot be written to.", "Use GET or HEAD."],
  408: [
    "The request did not arrive whole in the time allowed for it.",
    "Send it again, over a new connection.",
  ],
  412: [
    "The file is not in the state that the request asked for.",
    "Fetch it again without conditions to get it as it is now.",
  ],
  413: [
    "The request carries a body, and this server takes none.",
    "Send the request without a body.",
  ],
  414: ["The address is longer than this server reads.", "Use a shorter address."],
  416: [
    "The file has no such part: the range begins past its end.",
    "Ask for a range within the length in the Content-Range field, or for the whole file.",
  ],
  417: [
    "The request expects something that this server does not offer.",
    "Send it without the Expect field.",
  ],
  429: [
    "You have sent more requests than one client may.",
    "Wait for as long as the Retry-After field says, then try again.",
  ],
  431: [
    "The request's header fields are more, or longer, than this server reads.",
    "Send fewer or shorter fields; in a browser, clear the cookies of this site.",
  ],
  500: ["Something went wrong in the server, and it has been noted there.", ASK_AGAIN_LATER],
  501: ["This server does not know the method.", "Use GET or HEAD."],
  503: ["The server is too busy, or is being stopped.", ASK_AGAIN_LATER],
  505: ["This server does not speak that version of HTTP.", "Use HTTP/1.1."],
};

/** The text for a status. A status that the table does not have gets the text of its class. */
export function describeError(status: number): ErrorText {
  const [explanation, remedy] = ERROR_SENTENCES[status] ?? [
    "The request could not be answered.",
    ASK_AGAIN_LATER,
  ];
  const reason = reasonOf(status) || (status < 500 ? "Client Error" : "Server Error");
  return { status, reason, explanation, remedy };
}

export interface LimitFacts {
  /** How many requests of one client are admitted in any one window. */
  readonly requestsMax: number;
  readonly windowMs: number;
  /** Whole seconds, as in Retry-After. */
  readonly retryAfterSeconds: number;
}

/** The text of a 429: how many requests a window allows, and when to try again. */
export function describeTooManyRequests(limit: LimitFacts): ErrorText {
  return {
    ...describeError(429),
    explanation: `You have reached the limit: ${formatCounted(limit.requestsMax, "request")} in any ${formatWindowWords(limit.windowMs)} for each client.`,
    remedy: `Try again in ${formatWaitWords(limit.retryAfterSeconds)}. Waiting is enough: refused requests do not count.`,
  };
}

const ERROR_PAGE_STYLE: string =
  PAGE_STYLE +
  compactStyle(`
body{display:grid;grid-template-rows:2fr auto 3fr;min-height:100vh;min-height:100svh}
main{grid-row:2;width:100%;max-width:36rem;overflow-wrap:anywhere}
svg{display:block;width:2.5rem;height:2.5rem;margin-bottom:1.5rem;fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linecap:round}
h1{margin:0 0 1rem;font-size:clamp(1.5rem,1.2rem + 1.8vw,2.125rem);font-weight:600;line-height:1.25;letter-spacing:-.02em}
h1 span{display:block;font-size:.9375rem;font-weight:500;letter-spacing:.02em;color:var(--quiet);font-variant-numeric:tabular-nums}
p{margin:0 0 .5rem;text-wrap:pretty}
p+p{color:var(--quiet)}
nav{display:flex;gap:1.5rem;margin-top:2rem}
nav a{padding:.25rem 0}
`);

/** The `Content-Security-Policy` of every error page. */
export const ERROR_PAGE_CONTENT_SECURITY_POLICY: string =
  formatContentSecurityPolicy(ERROR_PAGE_STYLE);

/** The same request may succeed after these errors, so the page offers to send it again. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 503]);

function formatHtml(error: ErrorText, rootHref: string | undefined): string {
  const reason = escapeHtml(formatVisible(error.reason));
  const paragraphs = [error.explanation, error.remedy]
    .filter((sentence) => sentence !== undefined)
    .map((sentence) => `<p>${escapeHtml(formatVisible(sentence))}</p>`);
  const links: string[] = [];
  if (RETRIED_STATUSES.has(error.status)) links.push('<a href="">Try again</a>');
  if (rootHref !== undefined) links.push(`<a href="${escapeHtml(rootHref)}">Root folder</a>`);
  const nav = links.length === 0 ? "" : `<nav>${links.join("")}</nav>\n`;
  return `${formatPageHead(`${error.status} ${reason}`, ERROR_PAGE_STYLE)}<body>
<main>
<svg viewBox="0 0 24 24" aria-hidden="true">${WEIR_MARK_PATHS}</svg>
<h1><span>${error.status}</span> ${reason}</h1>
${paragraphs.join("\n")}
${nav}</main>
</body>
</html>
`;
}

function formatJson(error: ErrorText): string {
  const message = [error.explanation, error.remedy].filter(Boolean).join(" ");
  return `{"status":${error.status},"error":${formatJsonString(error.reason)},"message":${formatJsonString(message)}}\n`;
}

/**
 * The body of an error answer. All texts are escaped.
 * @param rootHref the link to the root folder; undefined: the page has none
 */
export function formatErrorPage(
  error: ErrorText,
  format: "html" | "json",
  rootHref?: string,
): string {
  return format === "json" ? formatJson(error) : formatHtml(error, rootHref);
}

// Lengths of time as a sentence has them: `15 minutes`, `3 hours and 20 minutes`.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WINDOW_UNITS = [
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
] as const;
/** Shorter waits are given in the smaller unit. */
const SECONDS_BELOW = 2 * MINUTE;
const MINUTES_BELOW = 2 * HOUR;
const HOURS_BELOW = 2 * DAY;

function formatCounted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Behind "in any": `second`, `15 minutes`, `day`. @param windowMs whole seconds */
export function formatWindowWords(windowMs: number): string {
  const seconds = windowMs / 1000;
  const [unit, noun] = WINDOW_UNITS.find(([each]) => seconds % each === 0) ?? [1, "second"];
  return seconds === unit ? noun : formatCounted(seconds / unit, noun);
}

/** Behind "in". Rounded up, so that a client that waits this long has waited long enough. */
export function formatWaitWords(seconds: number): string {
  if (seconds < SECONDS_BELOW) return formatCounted(seconds, "second");
  if (seconds < MINUTES_BELOW) return formatCounted(Math.ceil(seconds / MINUTE), "minute");
  if (seconds < HOURS_BELOW) return formatTwo(seconds, HOUR, "hour", MINUTE, "minute");
  return formatTwo(seconds, DAY, "day", HOUR, "hour");
}

function formatTwo(
  seconds: number,
  large: number,
  largeNoun: string,
  small: number,
  smallNoun: string,
): string {
  const smallCount = Math.ceil(seconds / small);
  const perLarge = large / small;
  const largeText = formatCounted(Math.floor(smallCount / perLarge), largeNoun);
  const rest = smallCount % perLarge;
  return rest === 0 ? largeText : `${largeText} and ${formatCounted(rest, smallNoun)}`;
}
