// Runs smuggler.json (two readings of a request's length) and crs.json (attacks that a web firewall
// looks for). A server of files has nothing to inject into, so what counts is that it stands.

import { type CaseResult, isRefusal, isServerError } from "./case-result.ts";
import { converse } from "./conversation.ts";
import { decodePayload, type PayloadCase } from "./corpora.ts";
import { mapConcurrently, type ServerAddress } from "./server-address.ts";

interface Heard {
  readonly statuses: readonly number[];
  readonly isClosed: boolean;
  readonly closedItself: boolean;
}

/** One answer to one request, and it is a refusal: what follows in the stream is no request. */
export function runSmugglingCases(
  address: ServerAddress,
  cases: readonly PayloadCase[],
): Promise<CaseResult[]> {
  const wanted = "one refusal and no answer to what follows";
  return runCases(address, cases, wanted, ({ statuses }) => {
    return statuses.length <= 1 && statuses.every(isRefusal);
  });
}

export function runAttackCases(
  address: ServerAddress,
  cases: readonly PayloadCase[],
): Promise<CaseResult[]> {
  const wanted = "no error of the server's own, and an end after a 400";
  return runCases(address, cases, wanted, () => true);
}

function runCases(
  address: ServerAddress,
  cases: readonly PayloadCase[],
  wanted: string,
  isRight: (heard: Heard) => boolean,
): Promise<CaseResult[]> {
  return mapConcurrently(cases, ({ id, payload_b64 }) =>
    converse(address, async (conversation): Promise<CaseResult> => {
      await conversation.send(decodePayload(payload_b64));
      const { responses, isClosed, closedItself } = await conversation.hearToEnd();
      const statuses = responses.map(({ status }) => status);
      const heard = { statuses, isClosed, closedItself };
      const verdict = isStanding(heard) && isRight(heard) ? "pass" : "fail";
      const end = closedItself ? "closed" : isClosed ? "closed after our end" : "still open";
      return { id, verdict, observed: `${statuses.join(" and ") || "no answer"}, ${end}`, wanted };
    }),
  );
}

function isStanding({ statuses, isClosed, closedItself }: Heard): boolean {
  if (!isClosed || statuses.some(isServerError)) return false;
  return statuses[0] !== 400 || closedItself;
}
