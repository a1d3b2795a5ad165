// Runs a client program to its end and fails the test with what it said when it failed. For the tests
// in this folder.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Only ends a client that hangs. */
const CLIENT_MS_MAX = 120_000;

/**
 * Settles with what the program wrote to its output.
 * @throws with its words when it ends otherwise than with 0
 */
export async function runClient(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  // A proxy of the machine is none for this machine; zsync takes an empty name for one, too.
  const { http_proxy: _, HTTP_PROXY: __, ...own } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { ...own, HOME: cwd, LC_ALL: "C.UTF-8", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: CLIENT_MS_MAX,
  });
  const output: Buffer[] = [];
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  const bytes = Buffer.concat(output);
  if (code === 0) return bytes;
  const words = `${bytes.toString("utf8").slice(-2000)}\n${errors.slice(-2000)}`;
  throw new Error(`${program} ${args.join(" ")} ended with ${code ?? signal}:\n${words}`);
}
