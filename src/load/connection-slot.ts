// The places for connections that one thread of a load run has, each with the connection that is made
// for it. Used by thread-run.ts.

import type { Clock } from "../base/clock.ts";
import { BodyReader } from "./body-check.ts";
import { HeadCache } from "./head-cache.ts";
import type { LoadPlan } from "./load-result.ts";
import {
  type ConnectionOptions,
  type ExchangeListener,
  PipelinedConnection,
} from "./pipelined-connection.ts";
import type { Failure } from "./request-outcome.ts";
import { ResponseParser } from "./response-parser.ts";
import { SocketOpener, type TlsOptions } from "./socket-opener.ts";
import type { TargetAddress } from "./target-address.ts";

export interface ThreadJob {
  readonly plan: LoadPlan;
  /** Whole requests, one for each URL of the plan. */
  readonly requestTexts: readonly string[];
  /** Absent without TLS. */
  readonly tls: TlsOptions | undefined;
  /** Which of the plan's threads this is. */
  readonly threadIndex: number;
}

/** A connection's place in the run. */
export interface Slot {
  readonly connection: PipelinedConnection;
  readonly body: BodyReader | undefined;
  sourceIndex: number;
  isFree: boolean;
}

/** The thread's share of the plan's connections, number `threadIndex` first; none is opened yet. */
export function makeSlots(
  { plan, requestTexts, tls, threadIndex }: ThreadJob,
  target: TargetAddress | Failure,
  clock: Clock,
  listener: ExchangeListener,
): Slot[] {
  const heads = new HeadCache();
  const opener = new SocketOpener(tls);
  const { method, timeoutMs, keepAlive, pipelining, sources } = plan;
  const slotCount = Math.ceil((plan.connections - threadIndex) / plan.threads);
  return Array.from({ length: slotCount }, (_, index) => {
    const body = plan.checksBodies ? new BodyReader() : undefined;
    const parser = new ResponseParser({ method, heads, ...(body && { body }) });
    const facts = { target, requestTexts, timeoutMs, keepAlive, pipelining };
    const options: ConnectionOptions = { ...facts, parser, opener, clock };
    const sourceIndex = (threadIndex + index * plan.threads) % Math.max(sources.length, 1);
    const connection = new PipelinedConnection(options, listener, sources[sourceIndex]);
    return { connection, body, sourceIndex, isFree: true };
  });
}
