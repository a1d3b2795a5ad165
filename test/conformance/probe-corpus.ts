// Runs the probes of http11probe.json. Each has a connection of its own; the steps of a sequence go
// over one connection, each when the one before it was answered.

import type { RawResponse } from "../fixtures/raw-response.ts";
import type { CaseResult } from "./case-result.ts";
import { converse } from "./conversation.ts";
import {
  decodePayload,
  type Probe,
  type ProbeCorpus,
  type SequenceProbe,
  type SingleProbe,
} from "./corpora.ts";
import {
  isClearAtOnce,
  isForFileServers,
  judgeProbe,
  judgeSequence,
  type ProbeObservation,
  type StepObservation,
} from "./probe-verdict.ts";
import { mapConcurrently, type ServerAddress } from "./server-address.ts";

export async function runProbes(
  address: ServerAddress,
  corpus: ProbeCorpus,
): Promise<CaseResult[]> {
  const decode = (base64: string): string =>
    decodePayload(base64).replaceAll(corpus.host_header_used, sameLengthHost(corpus));
  const probes = corpus.cases.filter((probe) =>
    isForFileServers(probe, probe.kind === "single" ? decode(probe.payload_b64) : ""),
  );
  return mapConcurrently(probes, (probe: Probe) =>
    probe.kind === "single"
      ? runSingle(address, probe, decode(probe.payload_b64))
      : runSequence(address, probe, decode),
  );
}

/**
 * A host of this test's own, as long as the one in the payloads: many of them hold a request within
 * a body, whose length they state.
 */
function sameLengthHost({ host_header_used }: ProbeCorpus): string {
  const port = ":8080";
  return `${"weir.test".padStart(host_header_used.length - port.length, "w")}${port}`;
}

function runSingle(
  address: ServerAddress,
  probe: SingleProbe,
  payload: string,
): Promise<CaseResult> {
  return converse(address, async (conversation) => {
    await conversation.send(payload);
    const isClear = (response: RawResponse): boolean => isClearAtOnce(probe, payload, response);
    const { responses, isClosed } = await conversation.hear(1, isClear);
    const response = responses[0];
    const openState = response === undefined ? "TimedOut" : "Open";
    const observation: ProbeObservation = {
      response,
      state: isClosed ? "ClosedByServer" : openState,
    };
    // Where the answer alone decides, nobody looked whether a close came after it.
    const end = response !== undefined && isClear(response) ? "" : isClosed ? ", closed" : ", open";
    return {
      id: probe.id,
      verdict: judgeProbe(probe, payload, observation),
      observed: `${response?.status ?? "no answer"}${end}`,
      wanted: `${probe.expected}: ${probe.desc}`,
    };
  });
}

function runSequence(
  address: ServerAddress,
  probe: SequenceProbe,
  decode: (base64: string) => string,
): Promise<CaseResult> {
  return converse(address, async (conversation) => {
    const steps: StepObservation[] = [];
    let heardCount = 0;
    for (const step of probe.steps) {
      const isSent = !conversation.answers().isClosed;
      if (isSent) await conversation.send(decode(step.payload_b64));
      const { responses, isClosed } = await conversation.hear(heardCount + 1);
      const statuses = responses.slice(heardCount).map(({ status }) => status);
      steps.push({ isSent, statuses, isClosed });
      heardCount = responses.length;
    }
    return {
      id: probe.id,
      verdict: judgeSequence(probe, steps),
      observed: steps.map(describeStep).join("; then "),
      wanted: `${probe.expected}: ${probe.desc}`,
    };
  });
}

function describeStep({ isSent, statuses, isClosed }: StepObservation): string {
  if (!isSent) return "not sent";
  const answers = statuses.length === 0 ? "no answer" : statuses.join(" and ");
  return `${answers}, ${isClosed ? "closed" : "open"}`;
}
