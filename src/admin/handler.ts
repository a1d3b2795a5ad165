// The answers of the admin interface: a table of paths, each with its answer. It is read only (GET and
// HEAD), and an error is one line of text. It knows the monitor, and no socket.

import { existsSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Fields, type Reply, reasonOf, textReply, withFields } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import { EXPOSITION_CONTENT_TYPE, formatExposition } from "../metrics/exposition.ts";
import type { ExchangeHandler, WireExchange } from "../transport/engine.ts";
import { type AdminAccess, decideAccess } from "./access.ts";
import { collectFamilies } from "./metric-families.ts";
import type { Monitor } from "./monitor.ts";
import { toColumns } from "./samples.ts";
import type { History, SnapshotEvent } from "./snapshot.ts";

/**
 * Fields of every answer: the page loads nothing from elsewhere, no other page frames or reads it, and no
 * copy is kept, so that the dashboard is always that of the running program.
 */
export const ADMIN_FIELDS: Fields = [
  [
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-store"],
];

const PLAIN_TEXT = "text/plain; charset=utf-8";
/** RFC 7617 and RFC 6750: a browser asks its user for the password. */
const CHALLENGE: Fields = [
  ["WWW-Authenticate", 'Basic realm="weir admin", Bearer realm="weir admin"'],
];
/** For probes that cannot have a token; these paths say no more than that the server lives. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

export interface AdminHandlerOptions {
  readonly monitor: Monitor;
  readonly access: AdminAccess;
  readonly findPageFile: FindPageFile;
  /** The address at which the connection arrived. */
  readonly localAddress: string;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  readonly onClosed: () => void;
}

/** Requests to the admin interface are not recorded: they are not the work of the server. */
type AdminExchange = WireExchange;

export class AdminHandler implements ExchangeHandler<AdminExchange> {
  readonly #options: AdminHandlerOptions;

  constructor(options: AdminHandlerOptions) {
    this.#options = options;
  }

  open(request: RequestHead | undefined, startedMs: number): AdminExchange {
    return { request, startedMs, useFields: undefined, isAbandoned: false, sent: undefined };
  }

  handle(exchange: AdminExchange): Reply {
    const head = exchange.request as RequestHead;
    const { access, localAddress } = this.#options;
    const { rawPath } = head.target;
    const decision = decideAccess(access, head.fields, localAddress, !OPEN_PATHS.has(rawPath));
    if (decision.kind === "refused") {
      const reply = errorReply(decision.status, decision.explanation);
      return decision.status === 401 ? withFields(reply, CHALLENGE) : reply;
    }
    if (head.method !== "GET" && head.method !== "HEAD") {
      return withFields(errorReply(405, "the admin interface only tells: use GET or HEAD"), [
        ["Allow", "GET, HEAD"],
      ]);
    }
    return this.#answer(exchange, rawPath);
  }

  refuse(_: AdminExchange, { status, explanation }: Refusal): Reply {
    return errorReply(status, explanation ?? reasonOf(status));
  }

  fail({ request }: AdminExchange, error: unknown): Reply {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.warn(`cannot answer ${JSON.stringify(request?.rawTarget)}: ${message}`);
    return errorReply(500, "something went wrong in the server, and it has been noted there");
  }

  finished(): void {}

  closed(): void {
    this.#options.onClosed();
  }

  #answer(exchange: AdminExchange, path: string): Reply {
    const { monitor } = this.#options;
    switch (path) {
      case "/livez":
        return this.#liveness();
      case "/readyz":
        return this.#readiness();
      case "/metrics":
        return textReply(
          200,
          EXPOSITION_CONTENT_TYPE,
          formatExposition(collectFamilies(monitor.server)),
        );
      case "/api/snapshot":
        return textReply(200, "application/json", `${JSON.stringify(monitor.snapshot())}\n`);
      case "/api/events":
        return {
          status: 200,
          fields: [["Content-Type", EVENT_STREAM_CONTENT_TYPE]],
          body: { kind: "parts", parts: eventStream(monitor, () => exchange.isAbandoned) },
        };
      default:
        return this.#page(path === "/" ? "index.html" : path.slice(1));
    }
  }

  /** Only a restart helps a server in which no thread moves any more. */
  #liveness(): Reply {
    const { hanging, threadsReady } = this.#options.monitor.server;
    const hangs = threadsReady > 0 && hanging.threads.length >= threadsReady;
    if (hangs) return errorReply(503, "no server thread moves");
    return textReply(200, PLAIN_TEXT, "ok\n");
  }

  #readiness(): Reply {
    const { state, threadsReady, hanging, store } = this.#options.monitor.server;
    if (state === "draining") return errorReply(503, "draining");
    if (threadsReady === 0) return errorReply(503, "no server thread is ready");
    const [thread] = hanging.threads;
    if (thread !== undefined) return errorReply(503, `server thread ${thread} does not move`);
    const [mount] = hanging.mounts;
    if (mount !== undefined) return errorReply(503, `${JSON.stringify(mount)} does not answer`);
    // The server does what it was configured to do in this case, so it stays in service.
    if (store?.isUp === false) return textReply(200, PLAIN_TEXT, "degraded: the store is gone\n");
    return textReply(200, PLAIN_TEXT, "ok\n");
  }

  #page(name: string): Reply {
    const file = this.#options.findPageFile(name);
    if (file === undefined) {
      return errorReply(
        404,
        "there is /, /metrics, /livez, /readyz, /api/snapshot and /api/events",
      );
    }
    const { contentType, bytes } = file;
    return {
      status: 200,
      fields: [["Content-Type", contentType]],
      body: { kind: "bytes", bytes },
    };
  }
}

function errorReply(status: number, explanation: string): Reply {
  return textReply(status, PLAIN_TEXT, `${explanation}\n`);
}

// The events of the dashboard: server-sent events (WHATWG HTML, 9.2), as the text of one answer that goes on
// until its reader leaves. The next event is made only when the last one was taken: a slow reader gets fewer
// events, with all the samples in them, and nothing waits for it in memory.

const EVENT_STREAM_CONTENT_TYPE = "text/event-stream";
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;

/** @param isOver called before each event */
export async function* eventStream(
  monitor: Monitor,
  isOver: () => boolean,
): AsyncGenerator<string, void, undefined> {
  const { history } = monitor;
  let sent = history.latestNumber;
  const columns: History = { columns: toColumns(history.after(0)) };
  yield `retry: ${RETRY_MS}\n\n${formatEvent("history", columns)}`;
  // Sent at once, so that the page is not empty for a second.
  for (; !isOver(); await monitor.nextSample()) {
    const event: SnapshotEvent = { samples: history.after(sent), snapshot: monitor.snapshot() };
    sent = history.latestNumber;
    yield formatEvent("snapshot", event);
  }
}

/** JSON has no line breaks, so it is one `data` line. */
function formatEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

// The files of the dashboard. In the published form they are ready beside the program. In a checkout they are
// the sources in web/dashboard, whose types are stripped at each request, so that nothing has to be built
// before the first start. Only the names below are ever read.

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

const SCRIPT = "text/javascript; charset=utf-8";
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: SCRIPT,
  ts: SCRIPT,
};
/** The name of a file, without folders. */
const FILE_NAME = /^[a-z0-9][a-z0-9-]*\.(html|css|js|ts)$/;

type FindPageFile = (name: string) => PageFile | undefined;

/** Finds files by name: `index.html`, `main.js`. */
export function openPageFiles(): FindPageFile {
  const here = dirname(fileURLToPath(import.meta.url));
  const publishedDir = join(here, "dashboard");
  const isPublished = existsSync(publishedDir);
  const sourceDir = join(here, "../../web/dashboard");
  // In a checkout a source is read each time, because a person who edits it wants to see the change.
  const files = new Map<string, PageFile>();
  return (name) => {
    const [, extension = ""] = FILE_NAME.exec(name) ?? [];
    const contentType = CONTENT_TYPES[extension];
    if (contentType === undefined) return undefined;
    const known = files.get(name);
    if (known !== undefined) return known;
    const text = isPublished ? readIfThere(join(publishedDir, name)) : readSource(sourceDir, name);
    if (text === undefined) return undefined;
    const file = { contentType, bytes: Buffer.from(text) };
    if (isPublished) files.set(name, file);
    return file;
  };
}

function readSource(dir: string, name: string): string | undefined {
  // The files of the package, beside its main file.
  if (name === "uplot.js") return readPackageFile("uPlot.esm.js");
  if (name === "uplot.css") return readPackageFile("uPlot.min.css");
  const isScript = name.endsWith(".js") || name.endsWith(".ts");
  if (!isScript) return readIfThere(join(dir, name));
  if (name.endsWith(".test.ts")) return undefined;
  const source = readIfThere(join(dir, name.replace(/js$/, "ts")));
  if (source === undefined) return undefined;
  return withoutWarning(() => stripTypeScriptTypes(source)).replaceAll(
    'from "uplot"',
    'from "./uplot.js"',
  );
}

function readPackageFile(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  return readIfThere(join(dirname(require.resolve("uplot")), name));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A person who runs a server need not know that stripping types is experimental in Node. */
function withoutWarning<Result>(act: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}
