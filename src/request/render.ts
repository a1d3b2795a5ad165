// From an exchange to the reply that an engine sends: the only place that makes error pages, that looks
// at Accept to choose their form, and that adds what an answer tells about the limit. Pure, but for the
// refusals that it remembers. One for each thread.

import { assert } from "../base/assert.ts";
import { RecentMap } from "../base/recent-map.ts";
import { type Fields, type Reply, textReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { formatRelativeReference } from "../http/url.ts";
import { LimitFields, type LimitPolicy, retryAfterSeconds } from "../limit/fields.ts";
import {
  describeError,
  describeTooManyRequests,
  ERROR_PAGE_CONTENT_SECURITY_POLICY,
  type ErrorText,
  formatErrorPage,
  formatWaitWords,
} from "../page/error-page.ts";
import type { ErrorAnswer, Redirect } from "../site/answer.ts";
import { decideListingFormat } from "../site/listing/query.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Pages that are remembered: refusals, whose waits of up to two minutes differ by the second, and errors
 * that say nothing but their status, from folders of a few depths.
 */
const PAGES_MAX = 256;
/** A longer link to the root folder comes from a path that somebody has made up. */
const REMEMBERED_HREF_CHARS_MAX = 32;

type Form = "html" | "json";

// An error may be over the next moment, and its form depends on Accept.
const PAGE_FIELDS: Readonly<Record<Form, Fields>> = {
  html: [
    ["Cache-Control", "no-store"],
    ["Vary", "Accept"],
    ["Content-Security-Policy", ERROR_PAGE_CONTENT_SECURITY_POLICY],
  ],
  json: [
    ["Cache-Control", "no-store"],
    ["Vary", "Accept"],
  ],
};
const PAGE_TYPE: Readonly<Record<Form, string>> = {
  html: "text/html; charset=utf-8",
  json: "application/json",
};

export interface RendererOptions {
  /** Undefined: there is no limit. */
  readonly policy: LimitPolicy | undefined;
  /** Where the root folder lies for clients: "", or a path that begins with a slash and ends without. */
  readonly basePath: string;
}

export class Renderer {
  readonly #policy: LimitPolicy | undefined;
  readonly #limitFields: LimitFields | undefined;
  readonly #rootPath: string;
  /** A client in a loop meets many refusals and 404s: each is made once for all that read the same. */
  readonly #pages = new RecentMap<string, Reply>(PAGES_MAX);

  constructor({ policy, basePath }: RendererOptions) {
    this.#policy = policy;
    this.#limitFields = policy && new LimitFields(policy);
    this.#rootPath = `${basePath}/`;
  }

  /** @param exchange has its answer; gets the fields that tell about the limit, where it has met one */
  render(exchange: Exchange): Reply {
    const { admission, answer } = exchange;
    if (admission.kind === "admitted" || admission.kind === "refused") {
      exchange.useFields = this.#limitFields?.of(admission);
      if (admission.kind === "refused") return this.#refusal(exchange.request, admission.waitMs);
    }
    assert(answer !== undefined, "an exchange is rendered once it has its answer");
    switch (answer.kind) {
      case "error":
        return this.#errorPage(exchange.request, answer);
      case "redirect":
        return this.#redirectPage(exchange.request, answer);
      default:
        return answer.reply;
    }
  }

  #errorPage(request: RequestHead | undefined, error: ErrorAnswer): Reply {
    const { status, explanation, fields = [], close = false } = error;
    const form = decideForm(request);
    const rootHref = this.#rootHrefFrom(request, status);
    const isPlain = explanation === undefined && fields.length === 0 && !close;
    const isRemembered = isPlain && (rootHref?.length ?? 0) <= REMEMBERED_HREF_CHARS_MAX;
    const key = isRemembered ? `${form} ${status} ${rootHref ?? ""}` : "";
    const known = isRemembered ? this.#pages.get(key) : undefined;
    if (known !== undefined) return known;
    const text = describeError(status);
    const page = pageReply(
      form,
      explanation === undefined ? text : { ...text, explanation },
      fields,
      rootHref,
    );
    if (isRemembered) this.#pages.set(key, { ...page, isShared: true });
    return close ? { ...page, close } : page;
  }

  #redirectPage(request: RequestHead | undefined, { status, location }: Redirect): Reply {
    const rootHref = this.#rootHrefFrom(request, status);
    const fields: Fields = [["Location", location]];
    return pageReply(decideForm(request), describeError(status), fields, rootHref);
  }

  #refusal(request: RequestHead | undefined, waitMs: number): Reply {
    const form = decideForm(request);
    const seconds = retryAfterSeconds(waitMs);
    const key = `${form} ${formatWaitWords(seconds)}`;
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const { count, windowMs } = this.#policy as LimitPolicy;
    const limit = { requestsMax: count, windowMs, retryAfterSeconds: seconds };
    const reply = { ...pageReply(form, describeTooManyRequests(limit), []), isShared: true };
    this.#pages.set(key, reply);
    return reply;
  }

  /**
   * From the page to the root folder. A page that says nothing about a path has no such link: its request
   * could not be read, or it failed for another reason.
   */
  #rootHrefFrom(request: RequestHead | undefined, status: number): string | undefined {
    const rawPath = request?.target.rawPath;
    if (rawPath === undefined || !rawPath.startsWith("/") || status >= 500) return undefined;
    return formatRelativeReference(rawPath, this.#rootPath);
  }
}

/** The form in which a client reads errors. */
function decideForm(request: RequestHead | undefined): Form {
  const accept = request?.fields.get("accept");
  const query = request?.target.rawQuery;
  if (accept === undefined && query === undefined) return "html";
  return decideListingFormat(accept, query ?? "");
}

function pageReply(form: Form, text: ErrorText, fields: Fields, rootHref?: string): Reply {
  const body = formatErrorPage(text, form, rootHref);
  return textReply(text.status, PAGE_TYPE[form], body, [...fields, ...PAGE_FIELDS[form]]);
}
