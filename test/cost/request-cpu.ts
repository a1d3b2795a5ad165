// What requests cost a running server: its CPU time for one of many that are the same, sent over one
// connection. Linux only, where the kernel tells the time of each thread to the nanosecond.

import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { type CostlyRequest, formatHead } from "./costly-requests.ts";

/** Nanoseconds that all threads of a process have been on the CPU. */
export function readCpuNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return sum;
}

export interface RequestCpu {
  /** Microseconds of the server for one request. */
  readonly cpuUs: number;
  /** Of the first answer. */
  readonly status: number;
}

/** Sends a request `count` times, each when the one before is answered. */
export async function measureRequestCpu(
  server: { readonly port: number; readonly child: { readonly pid?: number | undefined } },
  request: CostlyRequest,
  count: number,
  localAddress = "127.0.0.1",
): Promise<RequestCpu> {
  const pid = server.child.pid ?? 0;
  const head = Buffer.from(formatHead(request), "latin1");
  const socket = connect({ port: server.port, host: "127.0.0.1", localAddress, noDelay: true });
  const beforeNs = readCpuNs(pid);
  let status = 0;
  try {
    for await (const text of answersOn(socket, head, count)) status ||= Number(text.slice(9, 12));
  } finally {
    socket.destroy();
  }
  return { cpuUs: (readCpuNs(pid) - beforeNs) / count / 1000, status };
}

/** The answers, each with its whole body; sends the next request when one has come. */
async function* answersOn(
  socket: ReturnType<typeof connect>,
  head: Buffer,
  count: number,
): AsyncGenerator<string> {
  let text = "";
  let answered = 0;
  socket.write(head);
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString("latin1");
    const length = lengthOfAnswer(text);
    if (length === undefined || text.length < length) continue;
    yield text.slice(0, length);
    text = text.slice(length);
    if (++answered === count) return;
    socket.write(head);
  }
  throw new Error(`the server closed after ${answered} of ${count} answers: ${text.slice(0, 200)}`);
}

function lengthOfAnswer(text: string): number | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const lengthText = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd + 2))?.[1];
  return headEnd + 4 + Number(lengthText ?? 0);
}
