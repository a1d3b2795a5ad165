// From what a caller asks of a load run to its plan, and to the requests that go over the wire. Pure.
// Used by run.ts.

import type { Clock } from "../base/clock.ts";
import { formatAuthority } from "../config/target-url.ts";
import type { LiveState } from "./live-state.ts";
import type { LoadMethod } from "./response-head.ts";
import type { LoadModel, LoadPlan } from "./result.ts";

export interface LoadOptions {
  readonly method?: LoadMethod;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Over TLS. */
  readonly isSecure?: boolean;
  /** Takes any certificate. */
  readonly isInsecure?: boolean;
  /** Path and query as they go over the wire; see `formatRequestTarget`. */
  readonly requestTarget: string;
  /** Others of the same server, asked for in turn with the first. */
  readonly moreTargets?: readonly string[];
  /** Closed by default. */
  readonly model?: LoadModel;
  /** How many requests to send, at least 1; no bound where it is undefined. */
  readonly requests?: number | undefined;
  /** How long to send; no bound where it is undefined. One of the bounds is needed, or a signal. */
  readonly durationMs?: number | undefined;
  /**
   * At most so many open at once, at least 1. With `keepAlive` or `polite` also as many as there are
   * sources: each connection has one source for good.
   */
  readonly connections: number;
  /** 1 by default, which needs no other thread than the caller's; at most as many as connections. */
  readonly threads?: number;
  /** Requests on their way on one connection at most; 1 by default. */
  readonly pipelining?: number;
  /** false: a connection for each request. */
  readonly keepAlive: boolean;
  /** Closed model: between the starts of two submissions; 0 sends as soon as a connection is free. */
  readonly delayMs?: number;
  /** Sends as the run will, without counting, for so long before it. */
  readonly warmUpMs?: number;
  /** Local addresses to send from in turn; by default the system chooses. */
  readonly sources?: readonly string[];
  /** Field lines, `Name: value`. */
  readonly headers?: readonly string[];
  /** Waits as the server's limit tells it to; in one thread, which alone knows what a source has left. */
  readonly polite?: boolean;
  readonly checksBodies?: boolean;
  /** For each request, connecting included. */
  readonly timeoutMs: number;
  /** Ends the run early: what is on its way is abandoned, what is done is reported. */
  readonly signal?: AbortSignal;
  /** Called ten times a second at most, while the run goes on. */
  readonly onLive?: (state: LiveState) => void;
  /** Other threads than the caller's have the system's own. */
  readonly clock?: Clock;
}

export function makePlan(options: LoadOptions): LoadPlan {
  const { requests, keepAlive, timeoutMs, polite = false } = options;
  const connections = Math.min(options.connections, requests ?? Number.POSITIVE_INFINITY);
  return {
    method: options.method ?? "GET",
    urls: listTargets(options).map((target) => formatUrl(options, target)),
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
  const { method = "GET", host, port, isSecure = false, keepAlive, headers } = options;
  return listTargets(options).map((requestTarget) =>
    formatRequest({ method, host, port, isSecure, requestTarget }, keepAlive, headers).toString(
      "latin1",
    ),
  );
}

function listTargets({ requestTarget, moreTargets = [] }: LoadOptions): string[] {
  return [requestTarget, ...moreTargets];
}

function formatUrl({ host, port, isSecure }: LoadOptions, target: string): string {
  const [scheme, schemePort] = isSecure ? ["https", 443] : ["http", 80];
  return `${scheme}://${formatAuthority(host, port, schemePort as number)}${target}`;
}

export interface RequestParts {
  readonly method: LoadMethod;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query as they go over the wire. */
  readonly requestTarget: string;
  /** Over TLS, where port 443 goes without saying. */
  readonly isSecure?: boolean;
}

/**
 * The whole request. `headers` are field lines, `Name: value`; one of a name that weir sends itself
 * takes its place.
 */
export function formatRequest(
  parts: RequestParts,
  keepAlive: boolean,
  headers: readonly string[] = [],
): Buffer {
  const own = [
    `Host: ${formatAuthority(parts.host, parts.port, parts.isSecure ? 443 : 80)}`,
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
