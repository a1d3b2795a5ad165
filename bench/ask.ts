// One request on a connection of its own, with the times of its answer; and the check that an answer
// is right. A server that answers wrongly is not measured: the run fails.

import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { OperationError } from "../src/base/operation-error.ts";

export interface Answer {
  readonly status: number;
  readonly fields: IncomingMessage["headers"];
  readonly body: Buffer;
  /** From sending to the first byte of the body, in milliseconds. */
  readonly firstByteMs: number;
}

/** Rejects as `node:http` does when the server cannot be reached or closes early. */
export async function ask(url: string, fields: Record<string, string> = {}): Promise<Answer> {
  const startMs = performance.now();
  const sent = request(url, { agent: false, headers: fields }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let firstByteMs = Number.NaN;
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    if (chunks.length === 0) firstByteMs = performance.now() - startMs;
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  return { status: response.statusCode ?? 0, fields: response.headers, body, firstByteMs };
}

export interface ExpectedAnswer {
  readonly status: number;
  /** Left out where each server has words of its own, as in a 429. */
  readonly body?: Buffer;
}

/** Throws `OperationError`, one line, when the answer is not the expected one to the byte. */
export function checkAnswer(
  server: string,
  url: string,
  answer: Pick<Answer, "status" | "body">,
  expected: ExpectedAnswer,
): void {
  const fail = (what: string): never => {
    throw new OperationError(`${server} answered "${url}" wrongly: ${what}`);
  };
  if (answer.status !== expected.status) {
    fail(`status ${answer.status}, expected ${expected.status}`);
  }
  const { body } = expected;
  if (body === undefined || body.equals(answer.body)) return;
  fail(`${answer.body.length} bytes that are not the ${body.length} bytes of the file`);
}
