// Judges what a server answered to a probe, by the tables of the corpus and, where the tables cannot
// know (a field's presence, several answers), by what its description says. Pure.

import type { RawResponse } from "../fixtures/raw-response.ts";
import { isRefusal, type Verdict } from "./case-result.ts";
import type { ProbeState, SequenceProbe, SingleProbe, VerdictRow } from "./corpora.ts";

export interface ProbeObservation {
  readonly response: RawResponse | undefined;
  readonly state: ProbeState;
}

export interface StepObservation {
  /** False where the connection was closed before this step. */
  readonly isSent: boolean;
  /** Statuses of the answers that came during this step. */
  readonly statuses: readonly number[];
  /** Whether the connection was closed after it. */
  readonly isClosed: boolean;
}

/** The probes that look at fields: their tables were made with answers that had none. */
const FIELD_PROBES: Readonly<Record<string, (response: RawResponse) => Verdict>> = {
  "COMP-405-ALLOW": (response) =>
    response.status === 405 ? passIf(response.fields.has("allow")) : "warn",
  "COMP-DATE-HEADER": (response) => passIf(isSuccess(response) && response.fields.has("date")),
  "COMP-DATE-FORMAT": (response) =>
    passIf(isSuccess(response) && isImfFixdate(response.fields.get("date")?.[0] ?? "")),
  "COMP-NO-CL-IN-204": (response) =>
    response.status === 204 ? passIf(!response.fields.has("content-length")) : "warn",
  "COMP-OPTIONS-ALLOW": (response) => passIf(isSuccess(response) && response.fields.has("allow")),
  "COMP-CONTENT-TYPE": (response) =>
    passIf(isSuccess(response) && response.fields.has("content-type")),
};

/**
 * Methods that a server of files serves. A probe that sends another one tests how the request is
 * framed; refusing the method and closing leaves nothing to be misread.
 */
const SERVED_METHODS = /^\s*(GET|HEAD|OPTIONS) /;

/** Whether a server of files can be asked this: not to keep cookies, and not to accept a POST. */
export function isForFileServers(probe: SingleProbe | SequenceProbe, payload: string): boolean {
  if (probe.suite === "Cookie" || probe.suite === "Capabilities") return false;
  if (probe.kind === "sequence" || !payload.startsWith("POST ")) return true;
  if (payload.startsWith("POST /echo ")) return false;
  const rows = Object.values(probe.verdict);
  return rows.some(({ Pass, Warn }) =>
    [400, 405].some((s) => Pass.includes(s) || Warn.includes(s)),
  );
}

export function judgeProbe(
  probe: SingleProbe,
  payload: string,
  observation: ProbeObservation,
): Verdict {
  const { response, state } = observation;
  const status = response?.status ?? 0;
  const judgeFields = FIELD_PROBES[probe.id];
  if (judgeFields !== undefined) return response === undefined ? "fail" : judgeFields(response);
  const verdict = lookUp(probe.verdict[state], status);
  if (verdict === "pass") return "pass";
  const isRefusedAndClosed = isRefusal(status) && state === "ClosedByServer";
  return isRefusedAndClosed && mayRefuse(probe, payload) ? "pass" : verdict;
}

/** Whether open or closed makes no difference to this answer, so that nobody need wait for it. */
export function isClearAtOnce(probe: SingleProbe, payload: string, response: RawResponse): boolean {
  const judge = (state: ProbeState): Verdict => judgeProbe(probe, payload, { response, state });
  return judge("Open") === judge("ClosedByServer");
}

export function judgeSequence(
  { expected }: SequenceProbe,
  steps: readonly StepObservation[],
): Verdict {
  const [first, second] = steps;
  const status = first?.statuses[0] ?? 0;
  const nextStatus = second?.statuses[0] ?? 0;
  if (expected === "2xx + 2xx") {
    if (!isSuccessStatus(status)) return "fail";
    return isSuccessStatus(nextStatus) ? "pass" : "warn";
  }
  // An answer too many is a request that nobody sent, whatever it says.
  if (expected.includes("no extra response") && (first?.statuses.length ?? 0) > 1) return "fail";
  if (status === 400 || first?.isClosed === true) return "pass";
  if (expected.includes("417") && status === 417) return "pass";
  if (!expected.includes("warn")) return "fail";
  const isTakenAsBody = second?.statuses.length === 1 && isSuccessStatus(nextStatus);
  const mayPassThrough = !expected.includes("400/close preferred; poisoned");
  return isSuccessStatus(status) && isTakenAsBody && mayPassThrough ? "pass" : "warn";
}

function lookUp(row: VerdictRow, status: number): Verdict {
  if (row.Pass.includes(status)) return "pass";
  return row.Warn.includes(status) ? "warn" : "fail";
}

/** Whether a refusal of any kind answers the probe: where it may be a 400, or is due to the method. */
function mayRefuse(probe: SingleProbe, payload: string): boolean {
  if (!SERVED_METHODS.test(payload)) return true;
  return Object.values(probe.verdict).some(({ Pass }) => Pass.includes(400));
}

function passIf(condition: boolean): Verdict {
  return condition ? "pass" : "fail";
}

function isSuccess(response: RawResponse): boolean {
  return isSuccessStatus(response.status);
}

function isSuccessStatus(status: number): boolean {
  return status >= 200 && status < 300;
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7) */
function isImfFixdate(value: string): boolean {
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toUTCString() === value;
}
