// From what a caller asks of a load run to its plan, and to the requests that go over the wire. Pure.
// Used by run.ts.

import type { Clock } from "../base/clock.ts";
import { formatAuthority, formatTarget, type Scheme } from "../config/target-url.ts";
import type { LiveState } from "./live-state.ts";
import type { LoadMethod } from "./response-head.ts";
import type { LoadModel, LoadPlan } from "./result.ts";

export interface LoadOptions {
  readonly method?: LoadMethod;
  /** `http` by default. */
  readonly scheme?: Scheme;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Accepts any certificate. */
  readonly isInsecure?: boolean;
  /** Path and query as they go over the wire; see `formatRequestTarget`. */
  readonly requestTarget: string;
  /** Others of the same server; requests take them in turn with the first. */
  readonly moreTargets?: readonly string[];
  /** Closed by default. */
  readonly model?: LoadModel;
  /** How many requests to send, at least 1; undefined means no bound. */
  readonly requests?: number | undefined;
  /** How long to send; undefined means no bound. The run needs one of the bounds, or a signal. */
  readonly durationMs?: number | undefined;
  /**
   * How many may be open at once, at least 1. With `keepAlive` or `polite` at least as many as there are
   * sources, because each connection then keeps its source.
   */
  readonly connections: number;
  /** 1 by default, which runs in the caller's thread; at most as many as connections. */
  readonly threads?: number;
  /** How many requests may be on their way on one connection; 1 by default. */
  readonly pipelining?: number;
  /** false opens a connection for each request. */
  readonly keepAlive: boolean;
  /** Closed model: time between the starts of two requests; 0 sends as soon as a connection is free. */
  readonly delayMs?: number;
  /** For this long before the run it sends as the run will, without counting. */
  readonly warmUpMs?: number;
  /** Local addresses to send from in turn; by default the system chooses. */
  readonly sources?: readonly string[];
  /** Field lines, `Name: value`. */
  readonly headers?: readonly string[];
  /** Waits as the server's limit says. Runs in one thread: only one can know what a source has left. */
  readonly polite?: boolean;
  readonly checksBodies?: boolean;
  /** For each request, connecting included. */
  readonly timeoutMs: number;
  /** Ends the run early: requests on their way are abandoned, finished ones are reported. */
  readonly signal?: AbortSignal;
  /** Called at most ten times a second during the run. */
  readonly onLive?: (state: LiveState) => void;
  /** Used in the caller's thread only; worker threads use the system's clock. */
  readonly clock?: Clock;
}

/** The plan with every default filled in. */
export function makePlan(options: LoadOptions): LoadPlan {
  const { requests, keepAlive, timeoutMs, polite = false } = options;
  const connections = Math.min(options.connections, requests ?? Number.POSITIVE_INFINITY);
  return {
    method: options.method ?? "GET",
    urls: listTargets(options).map((requestTarget) =>
      formatTarget({ scheme: "http", ...options, requestTarget }),
    ),
    model: options.model ?? { kind: "closed" },
    requests,
    durationMs: options.durationMs,
    connections,
    threads: polite ? 1 : Math.min(options.threads ?? 1, connections),
    pipelining: keepAlive ? (options.pipelining ?? 1) : 1,
    keepAlive,
    delayMs: options.delayMs ?? 0,
    warmUpMs: options.warmUpMs ?? 0,
    timeoutMs,
    polite,
    checksBodies: options.checksBodies ?? false,
    sources: options.sources ?? [],
    headers: options.headers ?? [],
  };
}

/** One request for each URL of the plan, as it goes over the wire. */
export function formatRequests(options: LoadOptions): string[] {
  const { method = "GET", scheme = "http", host, port, keepAlive, headers } = options;
  return listTargets(options).map((requestTarget) => {
    const parts = { method, scheme, host, port, requestTarget };
    return formatRequest(parts, keepAlive, headers).toString("latin1");
  });
}

function listTargets({ requestTarget, moreTargets = [] }: LoadOptions): string[] {
  return [requestTarget, ...moreTargets];
}

export type RequestParts = Pick<LoadOptions, "scheme" | "host" | "port" | "requestTarget"> & {
  readonly method: LoadMethod;
};

/**
 * The whole request. `headers` are field lines, `Name: value`; a field that weir would send itself is
 * replaced by one of the same name.
 */
export function formatRequest(
  parts: RequestParts,
  keepAlive: boolean,
  headers: readonly string[] = [],
): Buffer {
  const { scheme = "http", host, port } = parts;
  const own = [
    `Host: ${formatAuthority({ scheme, host, port })}`,
    "User-Agent: weir-load",
    "Accept: */*",
    `Connection: ${keepAlive ? "keep-alive" : "close"}`,
  ].filter((line) => !headers.some((header) => nameOf(header) === nameOf(line)));
  const lines = [`${parts.method} ${parts.requestTarget} HTTP/1.1`, ...own, ...headers];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function nameOf(fieldLine: string): string {
  return fieldLine.split(":", 1)[0]!.toLowerCase();
}
