// The measurement that most rows are made of: the same load on each server in turn, and the CPU time
// that the server's whole process tree took for one answer.

import { OperationError } from "../src/base/operation-error.ts";
import { ask, checkAnswer, type ExpectedAnswer } from "./ask.ts";
import type { Form } from "./form.ts";
import { type Contender, measureInTurn } from "./measure-in-turn.ts";
import type { Server } from "./peers/peer-process.ts";
import { readCpuNs } from "./process-tree.ts";
import type { Case } from "./row.ts";
import { runWrk } from "./wrk-load.ts";
import type { WrkResult } from "./wrk-output.ts";

export const CPU_UNIT = "µs CPU an answer";

export interface AnswerLoad {
  readonly name: string;
  readonly path: string;
  readonly expected: ExpectedAnswer;
  /** 64 when left out. */
  readonly connections?: number;
  /** Field lines that every server gets, or those for one server. */
  readonly fieldsFor?: (server: Pick<Server, "name">) => readonly string[];
  /** Answers of another status that a second of load may bring, as the first five of a limit. */
  readonly othersPerSecond?: number;
  /**
   * Large bodies: answers that are cut off when the load ends count for the part that came, so that
   * a second is long enough.
   */
  readonly countsParts?: boolean;
  /** Files at random instead of one path. */
  readonly fileCount?: number;
  readonly threads?: number;
}

const CONNECTIONS = 64;
/** An answer's fields differ a little from one to the next: what is left of a limit has digits. */
const VARYING_BYTES = 16;
/** A whole head, where the length of the body alone is taken for that of the answer. */
const HEAD_BYTES_MAX = 1024;

/** One case: every server under the same load. Throws `OperationError` at a wrong answer. */
export async function measureAnswers(
  servers: readonly Server[],
  load: AnswerLoad,
  form: Form,
): Promise<Case> {
  const contenders = servers.map((server) => contend(server, load));
  for (const server of servers) await checkServer(server, load);
  const series = await measureInTurn(contenders, form);
  for (const server of servers) await checkServer(server, load);
  return { name: load.name, unit: CPU_UNIT, series };
}

/** The first measurement counts statuses, and the later ones are held against its mean answer. */
export function contend(
  server: Pick<Server, "name" | "pid" | "url">,
  load: AnswerLoad,
  name = server.name,
): Contender {
  let answerBytes: number | undefined;
  const measure = async (seconds: number): Promise<number> => {
    const countsStatuses = answerBytes === undefined;
    const cpuNs = readCpuNs(server.pid);
    const result = await runWrk({
      serverName: server.name,
      url: `${server.url}${load.path}`,
      seconds,
      connections: load.connections ?? CONNECTIONS,
      fields: load.fieldsFor?.(server) ?? [],
      countsStatuses,
      ...(load.fileCount === undefined ? {} : { fileCount: load.fileCount }),
      ...(load.threads === undefined ? {} : { threads: load.threads }),
    });
    const spentUs = (readCpuNs(server.pid) - cpuNs) / 1000;
    const fault = countsStatuses
      ? findStatusFault(result, load, seconds)
      : findSizeFault(result, load, seconds, answerBytes ?? 0);
    if (fault !== undefined) throw new OperationError(`${server.name}, ${load.name}: ${fault}`);
    answerBytes ??= meanAnswerBytes(result, load);
    return spentUs / (load.countsParts ? result.bytes / answerBytes : result.requests);
  };
  return { name, measure };
}

function meanAnswerBytes(result: WrkResult, { countsParts, expected }: AnswerLoad): number {
  if (countsParts && expected.body !== undefined) return expected.body.length;
  return result.bytes / Math.max(result.requests, 1);
}

async function checkServer(server: Server, load: AnswerLoad): Promise<void> {
  if (load.fileCount !== undefined) return;
  const url = `${server.url}${load.path}`;
  const fields = (load.fieldsFor?.(server) ?? []).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const answer = await askExpected(url, Object.fromEntries(fields), load.expected.status);
  checkAnswer(server.name, url, answer, load.expected);
}

/** A limit only refuses who has used it up: then the sixth request is the first with its status. */
async function askExpected(url: string, fields: Record<string, string>, status: number) {
  const triesMax = status === 429 ? 6 : 1;
  let answer = await ask(url, fields);
  for (let tries = 1; answer.status !== status && tries < triesMax; tries++) {
    answer = await ask(url, fields);
  }
  return answer;
}

type ExpectedLoad = Pick<
  AnswerLoad,
  "expected" | "othersPerSecond" | "connections" | "countsParts"
>;

function allowedOthers(load: ExpectedLoad, seconds: number): number {
  // A window may end and begin within the load.
  return (load.othersPerSecond ?? 0) * (seconds + 2);
}

/** What is wrong with statuses that were counted; undefined when nothing is. */
export function findStatusFault(
  result: Pick<WrkResult, "statuses">,
  load: ExpectedLoad,
  seconds: number,
): string | undefined {
  const { status } = load.expected;
  const { [status]: right = 0, ...others } = result.statuses;
  const otherCount = Object.values(others).reduce((sum, count) => sum + count, 0);
  // Of the largest bodies a load may end before a whole one has come.
  const isAnswered = right > 0 || load.countsParts === true;
  if (isAnswered && otherCount <= allowedOthers(load, seconds)) return undefined;
  const text = JSON.stringify(result.statuses);
  return `expected answers with status ${status}, got ${text}`;
}

/** The same where only failures were counted and bytes: every answer is as long as the mean one was. */
export function findSizeFault(
  result: Pick<WrkResult, "requests" | "bytes" | "errorAnswers">,
  load: ExpectedLoad,
  seconds: number,
  answerBytes: number,
): string | undefined {
  const { requests, bytes, errorAnswers } = result;
  const others = load.expected.status < 400 ? errorAnswers : requests - errorAnswers;
  if (others > allowedOthers(load, seconds)) {
    return `${others} of ${requests} answers have not the status ${load.expected.status}`;
  }
  const cutOffBytes = (load.connections ?? CONNECTIONS) * answerBytes;
  const slackBytes = cutOffBytes + requests * (load.countsParts ? HEAD_BYTES_MAX : VARYING_BYTES);
  if (Math.abs(bytes - requests * answerBytes) <= slackBytes) return undefined;
  return `${requests} answers of ${Math.round(answerBytes)} bytes each came in ${bytes} bytes`;
}
