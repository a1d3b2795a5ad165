// The answers of the admin interface: one table of paths, each with what it answers. Read only: GET and
// HEAD. Errors are one line of text. It knows the monitor, and no socket.

import type { ExchangeHandler, WireExchange } from "../http/engine.ts";
import { type Fields, type Reply, textReply, withFields } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import { reasonOf } from "../http/status.ts";
import { EXPOSITION_CONTENT_TYPE, formatExposition } from "../metrics/exposition.ts";
import { type AdminAccess, decideAccess } from "./admin-access.ts";
import { EVENT_STREAM_CONTENT_TYPE, eventStream } from "./event-stream.ts";
import { collectFamilies } from "./metric-families.ts";
import type { Monitor } from "./monitor.ts";
import type { FindPageFile } from "./page-files.ts";

/**
 * On every answer: nothing is loaded from elsewhere, nobody frames or reads it, and no copy is kept (the
 * dashboard is always that of the program that runs).
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
/** They say no more than that the server lives, to probes that cannot be given a token. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

export interface AdminHandlerOptions {
  readonly monitor: Monitor;
  readonly access: AdminAccess;
  readonly findPageFile: FindPageFile;
  /** At which the connection has reached us. */
  readonly localAddress: string;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
  readonly onClosed: () => void;
}

/** The admin interface keeps no record: what it is asked for is not the work of the server. */
type AdminExchange = WireExchange;

export class AdminHandler implements ExchangeHandler<AdminExchange> {
  private readonly options: AdminHandlerOptions;

  constructor(options: AdminHandlerOptions) {
    this.options = options;
  }

  open(request: RequestHead | undefined, startedMs: number): AdminExchange {
    return { request, startedMs, useFields: undefined, isAbandoned: false, sent: undefined };
  }

  handle(exchange: AdminExchange): Reply {
    const head = exchange.request as RequestHead;
    const { access, localAddress } = this.options;
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
    return this.answer(exchange, rawPath);
  }

  refuse(_: AdminExchange, { status, explanation }: Refusal): Reply {
    return errorReply(status, explanation ?? reasonOf(status));
  }

  fail({ request }: AdminExchange, error: unknown): Reply {
    const message = error instanceof Error ? error.message : String(error);
    this.options.warn(`cannot answer ${JSON.stringify(request?.rawTarget)}: ${message}`);
    return errorReply(500, "something went wrong in the server, and it has been noted there");
  }

  finished(): void {}

  closed(): void {
    this.options.onClosed();
  }

  private answer(exchange: AdminExchange, path: string): Reply {
    const { monitor } = this.options;
    switch (path) {
      case "/livez":
        return this.liveness();
      case "/readyz":
        return this.readiness();
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
        return this.page(path === "/" ? "index.html" : path.slice(1));
    }
  }

  /** Only a restart helps a server none of whose threads moves any more. */
  private liveness(): Reply {
    const { hanging, threadsReady } = this.options.monitor.server;
    const hangs = threadsReady > 0 && hanging.threads.length >= threadsReady;
    if (hangs) return errorReply(503, "no server thread moves");
    return textReply(200, PLAIN_TEXT, "ok\n");
  }

  private readiness(): Reply {
    const { state, threadsReady, hanging, store } = this.options.monitor.server;
    if (state === "draining") return errorReply(503, "draining");
    if (threadsReady === 0) return errorReply(503, "no server thread is ready");
    const [thread] = hanging.threads;
    if (thread !== undefined) return errorReply(503, `server thread ${thread} does not move`);
    const [mount] = hanging.mounts;
    if (mount !== undefined) return errorReply(503, `${JSON.stringify(mount)} does not answer`);
    // It serves as it was told to for that case, so nobody shall take it out of service.
    if (store?.isUp === false) return textReply(200, PLAIN_TEXT, "degraded: the store is gone\n");
    return textReply(200, PLAIN_TEXT, "ok\n");
  }

  private page(name: string): Reply {
    const file = this.options.findPageFile(name);
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
