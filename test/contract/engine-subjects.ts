// Engines with a client that speaks their protocol, over everything that clients come by. For
// engine-contract.ts, which knows no protocol: a further engine gets an opener and a client here.

import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Connection } from "../../src/http1/connection.ts";
import { RequestHeadCache } from "../../src/http1/request-head-cache.ts";
import { ResponseWriter } from "../../src/http1/response-writer.ts";
import type { Engine, ExchangeHandler } from "../../src/transport/engine.ts";
import { httpLimits } from "../../src/transport/engine.ts";
import { SendMemory } from "../../src/transport/send-memory.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import type { TransportSubject } from "../fixtures/transport-pairs.ts";
import { ClientReading } from "./transport-ends.ts";

export type ClientAnswer = Pick<RawResponse, "status" | "fields" | "body">;

/** One client on one connection. What it does not wait for happens when it can. */
export interface EngineClient {
  /** Asks, without waiting for the answers to what it asked before. */
  ask(target: string, method?: string): void;
  /** Sends what is no request. */
  askBadly(): void;
  /** Sends the beginning of a request. */
  askInPart(): void;
  /** Ends its side, and goes on reading. */
  endSide(): void;
  /** Is gone. */
  leave(): void;
  stopReading(): void;
  readOn(): void;
  /** Whether the server has ended the connection. */
  readonly hasEnded: boolean;
  /** The answers, once so many are whole. */
  untilAnswers(count: number): Promise<readonly ClientAnswer[]>;
  /** How many answers were whole when the connection had ended, and whether one more had begun. */
  untilEnd(): Promise<{ readonly wholeCount: number; readonly isCut: boolean }>;
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly client: EngineClient;
  readonly memory: SendMemory;
  /** Breaks the connection, as SendMemory does that wants its room for others. */
  breakOff(): void;
  /** Moves the clock on, by steps in which a server looks at its deadlines. */
  pass(ms: number): Promise<void>;
}

export interface EngineSubject {
  readonly name: string;
  /** Undefined after a skip. */
  open(t: TestContext, handler: ExchangeHandler): Promise<OpenEngine | undefined>;
}

const SEND_BYTES_MAX = 64 * 1024 * 1024;
const STEP_MS = 250;
/** Turns of the event loop in which what can happen does, at a step of the clock. */
const STEP_TURNS = 4;

export function http1Over(transports: TransportSubject): EngineSubject {
  return {
    name: `HTTP/1.1 over ${transports.name}`,
    async open(t, handler) {
      const memory = new SendMemory(SEND_BYTES_MAX);
      const pair = await transports.open(t, memory);
      if (pair === undefined) return undefined;
      let nowMs = 1_000_000;
      const engine = new Connection({
        transport: pair.transport,
        handler,
        limits: httpLimits,
        monotonicMs: () => nowMs,
        requestHeadCache: new RequestHeadCache(),
        responseWriter: new ResponseWriter(httpLimits, () => 0),
      });
      const pass = async (ms: number) => {
        for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
          nowMs += Math.min(STEP_MS, leftMs);
          engine.checkDeadline(nowMs);
          for (let turn = 0; turn < STEP_TURNS; turn++) await nextTurn();
        }
      };
      const breakOff = () => pair.transport.destroy();
      return { engine, client: new Http1Client(pair.client), memory, breakOff, pass };
    },
  };
}

class Http1Client implements EngineClient {
  readonly #stream: Duplex;
  readonly #reading: ClientReading;
  readonly #methods: string[] = [];

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#reading = new ClientReading(stream);
  }

  get hasEnded(): boolean {
    return this.#reading.hasEnded || this.#stream.destroyed;
  }

  ask(target: string, method = "GET"): void {
    this.#methods.push(method);
    this.#stream.write(`${method} ${target} HTTP/1.1\r\nHost: weir.test\r\n\r\n`);
  }

  askBadly(): void {
    this.#stream.write("no request\r\n\r\n");
  }

  askInPart(): void {
    this.#stream.write("GET / HTTP/1.1\r\nHos");
  }

  endSide(): void {
    this.#stream.end();
  }

  leave(): void {
    this.#stream.destroy();
  }

  stopReading(): void {
    this.#stream.pause();
  }

  readOn(): void {
    this.#stream.resume();
  }

  async untilAnswers(count: number): Promise<readonly ClientAnswer[]> {
    let answers: readonly ClientAnswer[] = [];
    let seenBytes = -1;
    await waitUntil(`${count} answers are there`, () => {
      if (this.#reading.bytes === seenBytes) return false;
      seenBytes = this.#reading.bytes;
      answers = this.#split().responses;
      return answers.length >= count;
    });
    return answers;
  }

  async untilEnd(): Promise<{ wholeCount: number; isCut: boolean }> {
    await waitUntil("the connection has ended", () => this.hasEnded);
    const { responses, rest } = this.#split();
    return { wholeCount: responses.length, isCut: rest.length > 0 };
  }

  #split() {
    return splitResponses(this.#reading.all(), { methods: this.#methods });
  }
}
