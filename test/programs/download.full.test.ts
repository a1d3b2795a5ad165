// Large downloads by the clients that people use for them: broken off and taken up again, in many
// parts at once. Whatever way the bytes went, they are the file's.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { chooseSeed, RandomNumbers } from "../fuzz/random-numbers.ts";

const FILE_BYTES = 32 * 1024 * 1024;
const CUTS = 20;
/** Of an answer: more than weir's are. */
const HEAD_BYTES_MAX = 1000;
/** Only ends a program that hangs. */
const PROGRAM_MS_MAX = 120_000;

/** No two blocks of it are the same, so that none can stand in another's place. */
function makeContent(random: RandomNumbers): Buffer {
  const content = Buffer.alloc(FILE_BYTES);
  for (let at = 0; at < FILE_BYTES; at += 4) content.writeUInt32LE((at * 2654435761) >>> 0, at);
  for (let left = 1000; left > 0; left--) content[random.below(FILE_BYTES)] = random.below(256);
  return content;
}

interface Site {
  readonly weir: WeirProcess;
  readonly content: Buffer;
  readonly random: RandomNumbers;
  /** Where downloads go. */
  readonly outDir: string;
}

/** Serves `/large.bin`, and logs. */
async function serveLarge(t: TestContext): Promise<Site> {
  const seed = chooseSeed(process.env);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed}`);
  const random = new RandomNumbers(seed);
  const content = makeContent(random);
  const dir = makeTempFolder(t);
  writeFileSync(join(dir, "large.bin"), content);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--log", "common"] });
  return { weir, content, random, outDir: makeTempFolder(t) };
}

/** The exit code of a program, and what it said. */
async function run(
  t: TestContext,
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(program, args, {
    // No settings, and no proxies, of whoever runs the tests.
    env: { PATH: process.env.PATH, HOME: makeTempFolder(t) },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PROGRAM_MS_MAX,
    killSignal: "SIGKILL",
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}

/** How much of an answer comes: its head and a little, or up to a twentieth of the file. */
function drawCut(random: RandomNumbers): number {
  // Curl takes an end within the head for the end of the answer.
  return HEAD_BYTES_MAX + random.below(random.oneOf([500, FILE_BYTES / CUTS]));
}

/** The statuses in weir's log, once it has all the lines. */
async function stopAndReadStatuses(weir: WeirProcess): Promise<string[]> {
  await weir.stop();
  return Array.from(weir.stdout().matchAll(/" (\d{3}) \d+$/gm), ([, status = ""]) => status);
}

/**
 * Stands between a client and weir, and breaks each connection off after so many bytes of answers:
 * the first after the first number, and so on; later ones are left alone. Gives the port.
 */
async function startBreaker(
  t: TestContext,
  weir: WeirProcess,
  cutsBytes: readonly number[],
): Promise<number> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  let connectionCount = 0;
  const server = createServer((client) => {
    let leftBytes = cutsBytes[connectionCount++] ?? Number.POSITIVE_INFINITY;
    const upstream = keep(connect({ port: weir.port, host: "127.0.0.1" }));
    keep(client).pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      if (leftBytes <= 0) return;
      const isTaken = client.write(chunk.subarray(0, Math.min(leftBytes, chunk.length)));
      leftBytes -= chunk.length;
      if (leftBytes <= 0) {
        client.end();
        upstream.destroy();
      } else if (!isTaken) {
        upstream.pause();
        client.once("drain", () => upstream.resume());
      }
    });
    upstream.on("close", () => client.end());
    client.on("close", () => upstream.destroy());
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test(`curl -C -: a download that breaks off ${CUTS} times is taken up each time, and whole at the end`, async (t) => {
  const curl = requireProgram(t, "curl", "curl");
  if (curl === undefined) return;
  const { weir, content, random, outDir } = await serveLarge(t);
  const cutsBytes = Array.from({ length: CUTS }, () => drawCut(random));
  const port = await startBreaker(t, weir, cutsBytes);
  const out = join(outDir, "large.bin");
  const download = () =>
    run(t, curl, ["-q", "-sS", "-C", "-", "-o", out, `http://127.0.0.1:${port}/large.bin`]);
  for (const cutBytes of cutsBytes) {
    const { code, text } = await download();
    // 18: the body, 52 and 56: the head, broken off.
    assert.ok(
      code === 18 || code === 52 || code === 56,
      `${code} after ${cutBytes} bytes: ${text}`,
    );
  }
  const cutSizeBytes = statSync(out).size;
  assert.ok(cutSizeBytes > 0 && cutSizeBytes < FILE_BYTES, `${cutSizeBytes} bytes`);
  assert.deepEqual(await download(), { code: 0, text: "" });
  assert.ok(readFileSync(out).equals(content));
  const statuses = await stopAndReadStatuses(weir);
  // Each thread writes its own lines.
  assert.deepEqual(statuses.sort(), ["200", ...Array<string>(CUTS).fill("206")]);
});

test(`aria2c -x16 -s16 -k1M: sixteen parts at once, over a line that breaks ${CUTS} times, are the file`, async (t) => {
  const aria2c = requireProgram(t, "aria2c", "aria2");
  if (aria2c === undefined) return;
  const { weir, content, random, outDir } = await serveLarge(t);
  const cutsBytes = Array.from({ length: CUTS }, () => drawCut(random));
  const port = await startBreaker(t, weir, cutsBytes);
  const { code, text } = await run(t, aria2c, [
    ...["--no-conf", "--quiet", "--file-allocation=none", "--dir", outDir],
    ...["--max-tries=0", "--retry-wait=0"],
    ...["-x16", "-s16", "-k1M", `http://127.0.0.1:${port}/large.bin`],
  ]);
  assert.equal(code, 0, text);
  assert.ok(readFileSync(join(outDir, "large.bin")).equals(content));
  const statuses = await stopAndReadStatuses(weir);
  const rangeCount = statuses.filter((status) => status === "206").length;
  t.diagnostic(`${statuses.length} requests, ${rangeCount} of ranges`);
  assert.ok(rangeCount >= CUTS, `${statuses}`);
});
