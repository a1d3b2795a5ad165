// Runs llhttp.json, the cases of Node's own parser. What that parser refuses, a server must refuse;
// all other cases, answers sent as requests among them, must only leave it standing.

import { type CaseResult, isRefusal, isServerError } from "./case-result.ts";
import { converse } from "./conversation.ts";
import { decodePayload, type ParserCase } from "./corpora.ts";
import { mapConcurrently, type ServerAddress } from "./server-address.ts";

/** Pauses of that parser for CONNECT, upgrades and HTTP/2; the server decides what follows them. */
const PAUSE_CODES: ReadonlySet<number> = new Set([22, 23]);

/** Whether a server must refuse this case. */
export function mustBeRefused({ type, error }: ParserCase): boolean {
  return type === "request" && error !== null && !PAUSE_CODES.has(error.code);
}

/** Every case as it stands, and those to be refused also made whole. */
export async function runParserCases(
  address: ServerAddress,
  cases: readonly ParserCase[],
): Promise<CaseResult[]> {
  const asSent = await mapConcurrently(cases, (parserCase) =>
    runCase(address, parserCase, decodePayload(parserCase.payload_b64), ""),
  );
  const whole = await mapConcurrently(cases.filter(mustBeRefused), (parserCase) =>
    runCase(address, parserCase, makeWhole(decodePayload(parserCase.payload_b64)), ", made whole"),
  );
  return [...asSent, ...whole];
}

/**
 * With a Host and an end, so that a server cannot refuse it for the want of them, nor wait for more
 * instead of refusing it.
 */
function makeWhole(payload: string): string {
  const withHost = /\nhost *:/i.test(payload)
    ? payload
    : payload.replace("\r\n", "\r\nHost: weir.test\r\n");
  return `${withHost}\r\n\r\n`;
}

function runCase(
  address: ServerAddress,
  parserCase: ParserCase,
  payload: string,
  form: string,
): Promise<CaseResult> {
  return converse(address, async (conversation) => {
    await conversation.send(payload);
    const { responses, isClosed } = await conversation.hearToEnd();
    const statuses = responses.map(({ status }) => status);
    const wanted = mustBeRefused(parserCase)
      ? `refused: ${parserCase.error?.reason}`
      : "an answer or a close, and no error of the server's own";
    const isRight = mustBeRefused(parserCase)
      ? statuses.every(isRefusal)
      : !statuses.some(isServerError);
    return {
      id: `${parserCase.file}: ${parserCase.name}${form}`,
      verdict: isRight && isClosed ? "pass" : "fail",
      observed: `${statuses.join(" and ") || "no answer"}, ${isClosed ? "closed" : "still open"}`,
      wanted,
    };
  });
}
