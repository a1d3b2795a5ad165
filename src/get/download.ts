// One request of `weir get` over HTTP or HTTPS: asks, follows redirects on the same host, and gives the
// answer as a word and a stream; and the two guards of that stream, against a silent server and against
// losing what came before a broken connection. Built on node:http and not on the load client's own
// engine: this is a tool for files, that one is for measuring.

import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { formatTarget, type Target, targetOf } from "../config/target-url.ts";

const REDIRECT_COUNT_MAX = 5;

const REDIRECT_STATUSES = new Set([301, 302, 307, 308]);

export interface DownloadRequest extends Target {
  readonly method: "GET" | "HEAD";
}

export interface DownloadOptions {
  /** Ends the download, including its body. */
  readonly signal: AbortSignal;
  /** Called before a redirect is followed. */
  readonly onRedirect: (status: number, url: string) => void;
  /** Range and If-Range for a part of the file; without them the request asks for all of it. */
  readonly rangeFields?: Readonly<Record<string, string>> | undefined;
}

export type Download =
  | { readonly kind: "answered"; readonly response: IncomingMessage }
  | { readonly kind: "redirect-refused"; readonly detail: string };

/** Rejects with the error of the system when there is no answer. */
export async function openDownload(
  first: DownloadRequest,
  options: DownloadOptions,
): Promise<Download> {
  let request = first;
  for (let redirectCount = 0; ; redirectCount++) {
    const response = await sendRequest(request, options);
    const { statusCode = 0, headers } = response;
    if (!REDIRECT_STATUSES.has(statusCode) || headers.location === undefined) {
      return { kind: "answered", response };
    }
    response.destroy();
    const next = decideRedirect(request, headers.location);
    if (next.kind === "redirect-refused") return next;
    if (redirectCount === REDIRECT_COUNT_MAX) {
      return { kind: "redirect-refused", detail: `more than ${REDIRECT_COUNT_MAX} redirects` };
    }
    options.onRedirect(statusCode, formatTarget(next.request));
    request = next.request;
  }
}

type RedirectDecision =
  | { readonly kind: "follow"; readonly request: DownloadRequest }
  | { readonly kind: "redirect-refused"; readonly detail: string };

/** Pure. Allowed are the same host, scheme and port, and the step from plain http to https. */
export function decideRedirect(from: DownloadRequest, location: string): RedirectDecision {
  const url = URL.parse(location, formatTarget(from));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return { kind: "redirect-refused", detail: `a redirect to ${JSON.stringify(location)}` };
  }
  const request: DownloadRequest = { method: from.method, ...targetOf(url) };
  const isSameHost = request.host.toLowerCase() === from.host.toLowerCase();
  const isSamePlace = request.scheme === from.scheme && request.port === from.port;
  const isUpgrade = from.scheme === "http" && from.port === 80 && url.origin.startsWith("https:");
  if (isSameHost && (isSamePlace || (isUpgrade && request.port === 443))) {
    return { kind: "follow", request };
  }
  return {
    kind: "redirect-refused",
    detail: `the redirect leads to another server: ${formatTarget(request)}`,
  };
}

function sendRequest(
  request: DownloadRequest,
  { signal, rangeFields }: DownloadOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, host, port, requestTarget } = request;
  const send = request.scheme === "https" ? https.request : http.request;
  const sent = send({
    method,
    host,
    port,
    path: requestTarget,
    signal,
    // One connection for one file: nothing stays open when the command is done.
    agent: false,
    // A compressed body would have to be unpacked before it is the file.
    headers: {
      accept: "*/*",
      "accept-encoding": "identity",
      "user-agent": "weir-get",
      ...rangeFields,
    },
  });
  sent.on("response", resolve);
  sent.on("error", reject);
  sent.end();
  return promise;
}

/**
 * Ends a download whose server is silent: for some time nothing came of the connection, the head or the
 * body. A download that makes progress is never ended, however long it takes. Between `arm` and `disarm`
 * the download waits for the server.
 */
export class SilenceWatch {
  readonly #silenceMs: number;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isArmed = false;
  /** Aborted by silence, and by the given signal. */
  readonly signal: AbortSignal;

  constructor(silenceMs: number, stop: AbortSignal) {
    this.#silenceMs = silenceMs;
    this.signal = AbortSignal.any([stop, this.#controller.signal]);
    this.#timer = setTimeout(() => {
      if (this.#isArmed) this.#controller.abort();
    }, silenceMs);
  }

  /** Waiting begins, and so does the time. */
  arm(): void {
    this.#isArmed = true;
    this.#timer.refresh();
  }

  /** Something came. Processing it may take any time. */
  disarm(): void {
    this.#isArmed = false;
  }

  release(): void {
    clearTimeout(this.#timer);
  }

  get isSilent(): boolean {
    return this.#controller.signal.aborted;
  }

  describe(): string {
    return `nothing came from the server after ${this.#silenceMs / 1000} s; see --timeout`;
  }
}

/** More than one read, and little compared with a file. Bytes beyond it wait at the server. */
const QUEUED_BYTES_MAX = 1024 * 1024;

/**
 * The bytes of an answer in the order in which they came, including those just before the connection
 * broke. A stream that fails drops what it has not delivered, and then there is less to continue from.
 */
export class BodyQueue {
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #queuedBytes = 0;
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Create it in the same turn of the event loop as the stream. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#queuedBytes += chunk.length;
      if (this.#queuedBytes >= QUEUED_BYTES_MAX) stream.pause();
      this.#wake?.();
    });
    stream.on("end", () => this.#finish(undefined));
    stream.on("error", (error) => this.#finish(error));
    stream.on("close", () => {
      this.#finish(Object.assign(new Error("closed"), { code: "ERR_STREAM_PREMATURE_CLOSE" }));
    });
  }

  /** Undefined at the end. Rejects with the stream's error after everything that came before it. */
  async next(): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.length;
      if (this.#queuedBytes < QUEUED_BYTES_MAX && this.#end === undefined) this.#stream.resume();
      return chunk;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return undefined;
  }

  #finish(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }
}
