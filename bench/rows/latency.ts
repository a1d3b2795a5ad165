// How long answers take when the server is half busy: requests come at a constant rate, at most half
// of what the slower server manages, and each one's time counts from when it was due.

import { ask, checkAnswer } from "../ask.ts";
import { writeRandomFile } from "../file-tree.ts";
import { measureInTurn } from "../measure-in-turn.ts";
import { runOpenLoad } from "../open-load.ts";
import type { Server } from "../peers/peer-process.ts";
import type { Case, Row } from "../row.ts";
import { runWrk } from "../wrk-load.ts";

const PATH = "/1k.bin";
const CONNECTIONS = 64;
/** What the client sends without being late itself; faster servers are less than half busy. */
const CLIENT_RATE_MAX = 10_000;

export const latency: Row = {
  name: "latency",
  title: "Latency at half of the highest rate",
  targets: [{ caseName: "99th percentile", peer: "nginx", ratioMax: 1 }],
  async measure(context) {
    const dir = context.makeFolder();
    const body = writeRandomFile(dir, "1k.bin", 1024);
    const servers = await context.startServers(["weir", "nginx"], { dir });
    const highest: number[] = [];
    for (const server of servers) highest.push(await measureHighestRate(server, body));
    const ratePerSecond = Math.min(CLIENT_RATE_MAX, ...highest.map((rate) => Math.floor(rate / 2)));
    const own: Record<string, number[]> = {};
    const contenders = servers.map(({ name, port }) => ({
      name,
      measure: async (seconds: number) => {
        const size = { seconds, connections: CONNECTIONS, addresses: ["127.0.0.1"] };
        const result = await runOpenLoad({ port, path: PATH, ratePerSecond, ...size });
        own[name] = [...(own[name] ?? []), result.ownP99Ms];
        return result.p99Ms;
      },
    }));
    const series = await measureInTurn(contenders, context.form);
    return {
      cases: [{ name: "99th percentile", unit: `ms at ${ratePerSecond}/s`, series }, ownDelay(own)],
    };
  },
};

/** Part of every latency above, whoever the server is: the client's own lateness. */
function ownDelay(own: Readonly<Record<string, readonly number[]>>): Case {
  const series = Object.entries(own).map(([name, rounds]) => ({ name, rounds }));
  return { name: "of it the client's own", unit: "ms", series };
}

async function measureHighestRate(server: Server, body: Buffer): Promise<number> {
  const url = `${server.url}${PATH}`;
  checkAnswer(server.name, url, await ask(url), { status: 200, body });
  const { requests, seconds } = await runWrk({
    serverName: server.name,
    url,
    seconds: 1,
    connections: CONNECTIONS,
  });
  return requests / seconds;
}
