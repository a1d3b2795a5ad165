// What the cases of the engine contract are made of: a connection whose requests are answered as a case
// wants it, and the answers.

import { type Reply, textReply } from "../../src/http/reply.ts";
import type { OpenEngine } from "./engine-subjects.ts";
import type { MakeReply, RecordingHandler } from "./recording-handler.ts";

export interface OpenCase extends OpenEngine {
  readonly handler: RecordingHandler;
}

/** Opens the connection of a case, with what answers its requests. */
export type Open = (reply: MakeReply) => Promise<OpenCase>;

export interface EngineCase {
  readonly name: string;
  run(open: Open): Promise<void>;
}

export const replyWithTarget = (target: string): Reply => textReply(200, "text/plain", target);

export function partsReply(parts: Iterable<string>, close?: () => void): Reply {
  const body = { kind: "parts", parts, ...(close && { close }) } as const;
  return { status: 200, fields: [], body };
}

export function bytesReply(bytes: Buffer): Reply {
  return { status: 200, fields: [], body: { kind: "bytes", bytes } };
}

/** Replies that a test makes when it wants to. */
export class PendingReplies {
  readonly #resolves: ((reply: Reply) => void)[] = [];
  readonly reply = () => new Promise<Reply>((resolve) => this.#resolves.push(resolve));

  settle(reply: Reply): void {
    this.#resolves.shift()?.(reply);
  }
}

export function bodiesOf(answers: readonly { readonly body: Buffer }[]): string[] {
  return answers.map(({ body }) => body.toString("latin1"));
}
