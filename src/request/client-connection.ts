// Ties one connection to what its thread shares: opens an exchange for each request with the client
// whose request it is, and takes it to handle.ts, render.ts and record.ts. The engine calls it.

import { type Client, type Clients, somebodyBehind } from "../clients/clients.ts";
import type { Reply } from "../http/reply.ts";
import type { Refusal, RequestHead } from "../http/request.ts";
import { SourceChangedError, SourceUnavailableError } from "../http/source.ts";
import { warn } from "../log/warning.ts";
import { errorAnswer, RETRY_SOON } from "../site/answer.ts";
import type { ExchangeHandler } from "../transport/engine.ts";
import type { ProxiedClient } from "../transport/proxy-protocol.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import type { RequestHandler } from "./handle.ts";
import type { Recorder } from "./record.ts";
import type { Renderer } from "./render.ts";

/** What all connections of a thread share. */
export interface ConnectionServices {
  readonly requestHandler: RequestHandler;
  readonly renderer: Renderer;
  readonly recorder: Recorder;
}

export interface ClientConnectionOptions extends ConnectionServices {
  /** The one at the other end of the connection, as far as is known. */
  readonly client: Client;
  /** Of a trusted proxy, which names each request's client; undefined: all requests are `client`'s. */
  readonly clients: Pick<Clients, "ofRequest"> | undefined;
  readonly onClosed: () => void;
}

export class ClientConnection implements ExchangeHandler<Exchange> {
  readonly #options: ClientConnectionOptions;
  /** The last request's fields and its client: the same bytes are the same fields (http1/request-head-cache). */
  #lastFields: RequestHead["fields"] | undefined;
  #lastClient: Client | undefined;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
  }

  open(request: RequestHead | undefined, startedMs: number): Exchange {
    const { client, clients, recorder } = this.#options;
    if (request === undefined) return openExchange(undefined, startedMs, client);
    recorder.begin();
    if (clients === undefined) {
      const isHonest = !request.fields.has("x-forwarded-prefix");
      return openExchange(isHonest ? request : withoutPrefix(request), startedMs, client);
    }
    if (this.#lastClient === undefined || request.fields !== this.#lastFields) {
      this.#lastFields = request.fields;
      this.#lastClient = clients.ofRequest(client, request.fields);
    }
    return openExchange(request, startedMs, this.#lastClient);
  }

  handle(exchange: Exchange): Reply | Promise<Reply> {
    return this.#options.requestHandler.handle(exchange);
  }

  refuse(exchange: Exchange, { status, explanation }: Refusal): Reply {
    const fields = status === 503 ? RETRY_SOON : [];
    exchange.answer = errorAnswer(status, { explanation, fields });
    return this.#options.renderer.render(exchange);
  }

  fail(exchange: Exchange, error: unknown): Reply {
    if (error instanceof SourceChangedError || error instanceof SourceUnavailableError) {
      exchange.answer = errorAnswer(503, { fields: RETRY_SOON });
    } else {
      // The person who runs the server learns what it was; the client only that it was our fault.
      const message = error instanceof Error ? error.message : String(error);
      warn(`cannot answer ${JSON.stringify(exchange.request?.rawTarget)}: ${message}`);
      exchange.answer = errorAnswer(500);
    }
    return this.#options.renderer.render(exchange);
  }

  made(exchange: Exchange): void {
    this.#options.requestHandler.leaveTurn(exchange);
  }

  finished(exchange: Exchange): void {
    const { requestHandler, recorder, clients } = this.#options;
    if (exchange.hasTurn) requestHandler.leaveTurn(exchange);
    recorder.record(exchange, clients !== undefined);
  }

  closed(): void {
    this.#options.onClosed();
  }
}

/** The head without what only a trusted proxy may say: where clients find this server. */
function withoutPrefix(head: RequestHead): RequestHead {
  const fields = new Map(head.fields);
  fields.delete("x-forwarded-prefix");
  return { ...head, fields };
}

// Who is at the other end of a connection that came through a proxy with the PROXY protocol, and
// whether that one is believed when it names the client of a request. Called by server-thread.ts once
// for each such connection; it reads nothing from it.

export interface ConnectionPeer {
  readonly client: Client;
  /** Whether it is believed when it names the client of a request. */
  readonly isBelieved: boolean;
  /** Answered to the connection, which then ends. */
  readonly rejection?: Refusal;
}

/** @param proxied what the proxy's header said, or that there was none */
export function peerBehind(
  proxy: Client,
  proxied: ProxiedClient | "wrong",
  clients: Pick<Clients, "ofAddress">,
): ConnectionPeer {
  if (proxied === "wrong") {
    // A person who forgot to set the proxy up reads why, there and in the log.
    const explanation = "Connections from this address begin with a PROXY protocol header.";
    const rejection: Refusal = { status: 400, explanation };
    return { client: proxy, isBelieved: false, rejection };
  }
  if (proxied.kind === "proxy") return { client: proxy, isBelieved: true };
  // They may have written any field.
  if (proxied.kind === "unknown") return { client: somebodyBehind(proxy), isBelieved: false };
  const client = clients.ofAddress(proxied.address);
  return { client, isBelieved: client.isTrustedProxy };
}
