// Which functions of src/ one request passes, and how often: asks a real server process, in which
// call-recorder.ts counts calls, and takes the counts before and after one GET. The server's timers may strike
// meanwhile: each request is repeated, and what most repetitions agree on is the request alone.

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { startWeir } from "../fixtures/weir-process.ts";

export interface CalledFunction {
  /** Of the file, as V8 has it: `file:///…/src/request/handle.ts`. */
  readonly url: string;
  /** Empty for a function without a name. */
  readonly name: string;
  /** Where it begins in the file: names are not unique. */
  readonly offset: number;
  readonly count: number;
}

/** What one request passes of src/. */
export interface RequestCalls {
  readonly files: number;
  readonly functions: number;
  readonly calls: number;
  /** `src/request/handle.ts handle 1`: file, name, and how often. */
  readonly called: readonly string[];
}

export interface RequestRepeats {
  readonly coldRepeats: number;
  readonly hotRepeats: number;
}

/** The least of so few is the same in every run of the tool. */
const REPEATS: RequestRepeats = { coldRepeats: 5, hotRepeats: 20 };
/** A file that is asked for so often within a second is answered from the response cache. */
const WARMING_REQUESTS = 32;
/** After its last byte has been read: the server notes a request when its answer has left. */
const SETTLE_MS = 20;
const FILE = "/small.txt";
const FILE_BYTES = 1024;
/** When it was written, in seconds since 1970: long ago. */
const FILE_SECONDS = 1_700_000_000;
/** As most clients send. */
const FIELDS = "User-Agent: shape/1\r\nAccept: */*\r\n";

/** What runs when the measurement ends; of the interface of a test, so that fixtures can be used. */
interface Ending {
  after(end: () => void | Promise<void>): void;
}

interface RecordedServer {
  readonly port: number;
  /** The calls of src/ since this was called last. */
  take(): Promise<CalledFunction[]>;
}

/**
 * Cold: the first request that a server gets, on its first connection. Hot: a request on a kept connection for
 * a file that the response cache has. Both with limit and log on, for a file of 1 KiB.
 * @param rootDir the checkout whose `bin/weir.js` is asked
 */
export async function measureRequests(
  rootDir: string,
  { coldRepeats, hotRepeats }: RequestRepeats = REPEATS,
): Promise<{ cold: RequestCalls; hot: RequestCalls }> {
  const cold: CalledFunction[][] = [];
  for (let repeat = 0; repeat < coldRepeats; repeat++) {
    cold.push(await withServer(rootDir, measureFirstRequest));
  }
  const hot = await withServer(rootDir, (server, ending) =>
    measureHotRequests(server, ending, hotRepeats),
  );
  return { cold: sumCalls(mostAgreed(cold)), hot: sumCalls(mostAgreed(hot)) };
}

async function measureFirstRequest(
  server: RecordedServer,
  ending: Ending,
): Promise<CalledFunction[]> {
  await server.take();
  const client = await openClient(ending, server);
  return measureRequest(server, client);
}

async function measureHotRequests(
  server: RecordedServer,
  ending: Ending,
  repeatCount: number,
): Promise<CalledFunction[][]> {
  const client = await openClient(ending, server);
  const measured: CalledFunction[][] = [];
  for (let repeat = 0; repeat < repeatCount; repeat++) {
    for (let count = 0; count < WARMING_REQUESTS; count++) await get(client);
    await sleep(SETTLE_MS);
    await server.take();
    measured.push(await measureRequest(server, client));
  }
  return measured;
}

async function measureRequest(
  server: RecordedServer,
  client: KeepAliveClient,
): Promise<CalledFunction[]> {
  await get(client);
  await sleep(SETTLE_MS);
  return server.take();
}

async function get(client: KeepAliveClient): Promise<void> {
  const { status } = await client.ask(FILE, { fields: FIELDS });
  if (status !== 200) throw new Error(`cannot measure a request: ${FILE} was answered ${status}`);
}

/** Starts a server of one thread for the measurement, and ends it afterwards. */
async function withServer<T>(
  rootDir: string,
  measure: (server: RecordedServer, ending: Ending) => Promise<T>,
): Promise<T> {
  const ends: (() => void | Promise<void>)[] = [];
  const ending: Ending = { after: (end) => ends.push(end) };
  const folder = mkdtempSync(join(tmpdir(), "weir-shape-"));
  ending.after(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await measure(await startRecorded(rootDir, folder, ending), ending);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startRecorded(
  rootDir: string,
  folder: string,
  ending: Ending,
): Promise<RecordedServer> {
  writeFileSync(join(folder, FILE), "x".repeat(FILE_BYTES));
  // A file that was written a moment ago may be growing, and is looked at twice.
  utimesSync(join(folder, FILE), FILE_SECONDS, FILE_SECONDS);
  // Outside the folder that is served.
  const socketPath = `${folder}.socket`;
  ending.after(() => rmSync(socketPath, { force: true }));
  const recorder = new URL("./call-recorder.ts", import.meta.url).href;
  const { port } = await startWeir(ending, {
    dir: folder,
    bin: join(rootDir, "bin/weir.js"),
    args: ["--workers", "1", "--log", "common", "--rate", "100000/s"],
    env: { NODE_OPTIONS: `--import=${recorder}`, CALL_RECORDER_SOCKET: socketPath },
  });
  const sourceUrl = pathToFileURL(join(rootDir, "src/")).href;
  return {
    port,
    async take() {
      const all = JSON.parse(await text(connect(socketPath))) as CalledFunction[];
      return all
        .filter(({ url }) => url.startsWith(sourceUrl))
        .map(({ url, ...rest }) => ({
          url: fileURLToPath(url).slice(rootDir.length + 1),
          ...rest,
        }));
    },
  };
}

/** Adds up what one request has called. */
export function sumCalls(called: readonly CalledFunction[]): RequestCalls {
  return {
    files: new Set(called.map(({ url }) => url)).size,
    functions: called.length,
    calls: called.reduce((sum, { count }) => sum + count, 0),
    called: called.map(({ url, name, count }) => `${url} ${name || "(no name)"} ${count}`),
  };
}

/** The calls that most repetitions have in common, call by call; of those that as many have, the fewest. */
export function mostAgreed(
  repetitions: readonly (readonly CalledFunction[])[],
): readonly CalledFunction[] {
  const callsOf = (called: readonly CalledFunction[]): number => sumCalls(called).calls;
  const alike = Object.values(Object.groupBy(repetitions, (called) => JSON.stringify(called)));
  const [agreed] = alike
    .map((group = []) => ({ count: group.length, called: group[0]! }))
    .sort((a, b) => b.count - a.count || callsOf(a.called) - callsOf(b.called));
  return agreed?.called ?? [];
}
