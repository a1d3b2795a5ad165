// The live view of `weir load` on a terminal. The terminal is a real one, made by `script`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import type { Socket } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { formatAnswer, startScriptedServer } from "../fixtures/scripted-server.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { cleanEnvironment, WEIR_BIN } from "../fixtures/weir-process.ts";

const run = promisify(execFile);

const ESCAPE = "\u001b";

const answerOk = (socket: Socket) => {
  socket.write(formatAnswer(200, "hello"));
};

test("on a terminal a view is drawn over itself, and only the summary is left", {
  skip: process.platform !== "linux" && "script(1) has other flags elsewhere",
}, async (t) => {
  const script = requireProgram(t, "script", "bsdutils");
  if (script === undefined) return;
  const { port } = await startScriptedServer(t, (socket) => setTimeout(answerOk, 40, socket));
  const url = `http://127.0.0.1:${port}/`;
  const command = `'${process.execPath}' '${WEIR_BIN}' load ${url} -n 30 -c 1`;
  const env = cleanEnvironment(process.env, { TERM: "xterm-256color", SHELL: "/bin/sh" });
  const { stdout } = await run(script, ["-qec", command, "/dev/null"], { env });
  const erasures = stdout.split(new RegExp(`${ESCAPE}\\[\\d+F${ESCAPE}\\[J`));
  // One and a fifth of a second, ten views a second at most.
  assert.ok(erasures.length >= 3 && erasures.length <= 40, `${erasures.length} views`);
  assert.match(erasures.at(-1)!, /^GET http:/);
  assert.match(erasures.at(-1)!, /^ {2}admitted +30 /m);
  assert.doesNotMatch(erasures[0]!, /admitted +30 /);
});
