// Everywhere a server can listen: several addresses, Unix sockets, both at once; and what it says where
// it cannot. Real processes, real sockets.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFreePort } from "../fixtures/free-port.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { getOverSocket, serveOnSocket } from "../fixtures/socket-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const skip = process.platform === "win32" && "there are no Unix sockets";
const QUIET = ["--state", "memory", "--log", "off", "--workers", "2"];
/** Threads that share one listener. */
const CONNECTIONS = 40;

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

async function isUp(host: string): Promise<boolean> {
  const server = createServer();
  const outcome = Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  server.listen(0, host);
  const isListening = await outcome;
  server.close();
  return isListening;
}

test("--host takes several addresses and a socket, with commas and again; all serve the same", {
  skip,
}, async (t) => {
  const dir = newFolder(t);
  const path = join(makeTempFolder(t), "w.sock");
  const hosts = ["--host", `127.0.0.1,127.0.0.2`, "--host", `unix:${path}`];
  const weir = await startWeir(t, { dir, args: [...hosts, ...QUIET, "--rate", "off"] });
  const lines = weir.stderr().split("\n");
  assert.match(
    lines[0] ?? "",
    /^weir: serving .* on http:\/\/127\.0\.0\.1:\d+ \(2 threads, no limit\)$/,
  );
  assert.deepEqual(lines.slice(1), [
    `weir: serving on http://127.0.0.2:${weir.port} too`,
    `weir: serving on unix:${path} too`,
    "",
  ]);
  for (const host of ["127.0.0.1", "127.0.0.2"]) {
    const answer = await fetch(`http://${host}:${weir.port}/a.txt`);
    assert.equal(await answer.text(), "content of a");
  }
  assert.equal((await getOverSocket(path, "/a.txt")).body, "content of a");
  // They are one server: hits of all places are one number.
  const listing = JSON.parse((await getOverSocket(path, "/?format=json")).body);
  assert.equal(listing.entries[0].hits, 3);
  assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.equal(existsSync(path), false, "the socket's file is removed");
});

test("every interface of a family holds its addresses, and :: leaves IPv4 to an address of IPv4", async (t) => {
  if (!(await isUp("::1"))) return t.skip("this machine has no IPv6");
  const dir = newFolder(t);
  for (const [hosts, answering] of [
    ["0.0.0.0,127.0.0.1,127.0.0.1", ["127.0.0.1", "127.0.0.2"]],
    ["::,127.0.0.1", ["127.0.0.1", "[::1]"]],
    ["::1,127.0.0.2", ["[::1]", "127.0.0.2"]],
  ] as const) {
    const weir = await startWeir(t, { dir, args: ["--host", hosts, "--rate", "off"] });
    for (const host of answering) {
      assert.equal(
        (await fetch(`http://${host}:${weir.port}/a.txt`)).status,
        200,
        `${hosts} ${host}`,
      );
    }
    await weir.stop();
  }
});

test("a socket alone is enough, and its relative path starts from the current folder", {
  skip,
}, async (t) => {
  const cwd = makeTempFolder(t);
  const args = [newFolder(t), "--host", "unix:run/w.sock", ...QUIET];
  mkdirSync(join(cwd, "run"));
  const weir = await serveOnSocket(t, args, { cwd });
  const path = join(cwd, "run/w.sock");
  assert.match(weir.stderr(), new RegExp(` on unix:${path} \\(2 threads, 5/s per client\\)\\n$`));
  assert.equal(lstatSync(path).mode & 0o777, 0o666, "every user may connect, as to a port");
  const statuses: number[] = [];
  for (let count = 0; count < 7; count++) {
    statuses.push((await getOverSocket(path, "/a.txt")).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429], "all are one client");
  assert.equal(await weir.stop(), 0);
  assert.equal(existsSync(path), false);
});

test("the clients of a socket are called unix; a proxy there is trusted by that word", {
  skip,
}, async (t) => {
  const dir = newFolder(t);
  const path = join(makeTempFolder(t), "w.sock");
  // One thread: the lines of several come in no order.
  const log = ["--log", "common", "--workers", "1"];
  const args = [dir, "--host", `unix:${path}`, "--state", "memory", ...log];
  const forwarded = { "X-Forwarded-For": "192.0.2.7" };
  const addressesOf = (log: string) => log.split("\n").map((line) => line.split(" ", 1)[0]);
  for (const [flags, address] of [
    [[], "unix"],
    [["--trust-proxy", "unix"], "192.0.2.7"],
    [["--trust-proxy", "127.0.0.1"], "unix"],
  ] as const) {
    const weir = await serveOnSocket(t, [...args, ...flags]);
    assert.equal((await getOverSocket(path, "/a.txt", forwarded)).status, 200);
    assert.equal((await getOverSocket(path, "/a.txt")).status, 200);
    assert.equal(await weir.stop(), 0);
    assert.deepEqual(addressesOf(weir.stdout()), [address, "unix", ""], flags.join(" "));
  }
});

test("a trusted proxy on a socket may name clients with the PROXY protocol, and unix may be exempt", {
  skip,
}, async (t) => {
  const dir = newFolder(t);
  const path = join(makeTempFolder(t), "w.sock");
  const proxied = await serveOnSocket(t, [
    ...[dir, "--host", `unix:${path}`, "--state", "memory", "--log", "common"],
    ...["--trust-proxy", "unix", "--proxy-protocol"],
  ]);
  const socket = connect(path);
  socket.write("PROXY TCP4 198.51.100.9 192.0.2.1 1 80\r\nGET /a.txt HTTP/1.0\r\n\r\n");
  await once(socket.resume(), "close");
  await proxied.stop();
  assert.match(proxied.stdout(), /^198\.51\.100\.9 - - /);
  const exempt = await serveOnSocket(t, [
    dir,
    "--host",
    `unix:${path}`,
    ...QUIET,
    "--exempt",
    "unix",
  ]);
  for (let count = 0; count < 8; count++) {
    assert.equal((await getOverSocket(path, "/a.txt")).status, 200);
  }
  await exempt.stop();
});

test("a socket that a killed server has left is replaced; one that is served is not", {
  skip,
}, async (t) => {
  const path = join(makeTempFolder(t), "w.sock");
  const args = [newFolder(t), "--host", `unix:${path}`, ...QUIET];
  const killed = await serveOnSocket(t, args);
  await killed.stop("SIGKILL");
  assert.ok(existsSync(path));
  const weir = await serveOnSocket(t, args);
  assert.equal((await getOverSocket(path, "/a.txt")).status, 200);
  const { code, stderr } = await runWeir(t, ["serve", ...args]);
  assert.equal(code, 1);
  const owner = process.platform === "linux" ? ` by node weir\\.js, process ${weir.pid}` : ".*";
  assert.match(
    stderr,
    new RegExp(
      `^weir: cannot listen on "unix:${path}": it is already in use${owner} \\(from --host; .*\\)\\n$`,
    ),
  );
  assert.equal((await getOverSocket(path, "/a.txt")).status, 200, "the first one serves on");
  assert.equal(await weir.stop(), 0);
});

test("a stop finishes what clients of a socket have begun, and refuses nobody who was in its queue", {
  skip,
}, async (t) => {
  const path = join(makeTempFolder(t), "w.sock");
  const args = [newFolder(t), "--host", `unix:${path}`, ...QUIET];
  const weir = await serveOnSocket(t, [...args, "--rate", "off", "--delay", "300ms"]);
  const answers = Array.from({ length: CONNECTIONS }, () => getOverSocket(path, "/a.txt"));
  // At least one is being answered; the others may still be on their way.
  const probe = connect(path);
  await once(probe, "connect");
  probe.destroy();
  const stopped = weir.stop();
  const statuses = new Set((await Promise.all(answers)).map(({ status }) => status));
  assert.deepEqual([...statuses], [200]);
  assert.equal(await stopped, 0);
});

test("two servers that start at once: one has the socket, the other says that it is in use", {
  skip,
}, async (t) => {
  const path = join(makeTempFolder(t), "w.sock");
  const args = [newFolder(t), "--host", `unix:${path}`, ...QUIET];
  const both = await Promise.all([serveOnSocket(t, args), serveOnSocket(t, args)]);
  const texts = both.map((weir) => weir.stderr()).sort();
  assert.match(texts[0] ?? "", /^weir: cannot listen on .*: it is already in use/);
  assert.match(texts[1] ?? "", /^weir: serving /);
  assert.equal((await getOverSocket(path, "/a.txt")).status, 200);
});

test("what no socket can be is told in one line", { skip }, async (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "file"), "");
  const long = join(folder, "x".repeat(120));
  for (const [host, code, line] of [
    [`unix:${join(folder, "file")}`, 1, /a file that is not a socket has that name/],
    [`unix:${join(folder, "absent/w.sock")}`, 1, /there is no such folder/],
    [`unix:${join(folder, "file/w.sock")}`, 1, /a part of the path is a file/],
    [`unix:${long}`, 2, /the path of a socket has at most \d+ bytes, and this one has \d+/],
    ["unix:", 2, /give the path of a socket's file/],
    ["127.0.0.1,,::1", 2, /give a host name or an IP address/],
  ] as const) {
    const run = await runWeir(t, ["serve", folder, ...QUIET, "--host", host]);
    assert.match(run.stderr, line);
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr.replace(/^see: .*\n/m, ""), /^[^\n]+\n$/, "one line");
  }
  assert.ok(statSync(join(folder, "file")).isFile());
});

test("a port in use is told with the program that has it and a port that is free", async (t) => {
  const dir = newFolder(t);
  const first = await startWeir(t, { dir });
  // Taken by this test, or by another program: in use it is in any case.
  const next = createServer();
  const settled = new Promise((resolve) => next.once("listening", resolve).once("error", resolve));
  next.listen(first.port + 1, "127.0.0.1");
  await settled;
  t.after(() => next.close());
  const args = ["serve", dir, ...QUIET, "--host", "127.0.0.1"];
  const { code, stderr } = await runWeir(t, [...args, "--port", String(first.port)]);
  assert.equal(code, 1);
  const owner =
    process.platform === "linux" ? ` by node weir\\.js, process ${first.child.pid}` : "";
  assert.match(
    stderr,
    new RegExp(
      `^weir: cannot listen on port "${first.port}": it is already in use${owner} \\(from --port; `,
    ),
  );
  // The advice can be followed.
  const advised = /add --port (\d+)/.exec(stderr)?.[1] ?? "";
  assert.notEqual(advised, String(first.port + 1));
  const second = await startWeir(t, { dir, args: ["--port", advised] });
  assert.equal(second.port, Number(advised));
  // Below npm it has two dashes.
  const env = { PORT: String(first.port), npm_lifecycle_event: "start" };
  const below = await serveOnSocket(t, args.slice(1), { env });
  assert.match(below.stderr(), /\(from PORT in the environment; .*npm start -- --port \d+/);
});

test("--next-port takes the next free port, for the admin interface too, and says so", async (t) => {
  const dir = newFolder(t);
  const first = await startWeir(t, { dir, args: ["--admin", `127.0.0.1:${await findFreePort()}`] });
  const adminPort = await findFreePort();
  const taken = createServer().listen(adminPort, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const args = ["--port", String(first.port), "--admin", `127.0.0.1:${adminPort}`, "--next-port"];
  const second = await startWeir(t, { dir, args });
  assert.ok(second.port > first.port, second.stderr());
  assert.match(
    second.stderr(),
    new RegExp(
      `^weir: port ${first.port} is already in use.*: taking port ${second.port} instead$`,
      "m",
    ),
  );
  const admin = /^weir: port (\d+) is already in use.*: taking port (\d+) instead$/gm;
  const [, moved] = [...second.stderr().matchAll(admin)];
  assert.equal(moved?.[1], String(adminPort));
  assert.equal((await fetch(`http://127.0.0.1:${moved?.[2]}/livez`)).status, 200);
  assert.equal((await requestOnce(second.port, "/a.txt")).status, 200);
});

test("HOST in the environment that is no address of this machine is passed over with a warning", async (t) => {
  const dir = newFolder(t);
  for (const HOST of ["x86_64-conda-linux-gnu", "192.0.2.1", "a b", "aarch64-apple-darwin20.0.0"]) {
    const weir = await serveOnSocket(t, [dir, "--port", "0", ...QUIET], { env: { HOST } });
    const [warning = "", ready = ""] = weir.stderr().split("\n");
    assert.match(
      warning,
      new RegExp(`^weir: HOST "${HOST}" in the environment is passed over: .*unset HOST`),
    );
    assert.match(ready, / on http:\/\/localhost:\d+ \(/);
  }
  const kept = await startWeir(t, {
    dir,
    env: { HOST: "192.0.2.1" },
    args: ["--host", "127.0.0.1"],
  });
  assert.match(kept.stderr(), /^weir: serving /, "what was typed wins");
});

test("a wrong value names its variable or the config file, also where it shows late", async (t) => {
  const dir = newFolder(t);
  const cwd = makeTempFolder(t);
  const run = (env: Record<string, string>, config?: object) => {
    writeFileSync(join(cwd, "weir.config.json"), JSON.stringify(config ?? {}));
    const bin = new URL("../../bin/weir.js", import.meta.url).pathname;
    const args = [bin, "serve", ...(config === undefined ? [dir] : [])];
    const outcome = spawnSync(process.execPath, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, WEIR_STATE: "memory", ...env },
      encoding: "utf8",
    });
    return outcome.stderr;
  };
  assert.match(
    run({ PORT: "tcp://10.0.0.1:80" }),
    /for PORT in the environment: .*\n.*another program may have set PORT: .*unset PORT/,
  );
  assert.match(
    run({ WORKERS: "auto" }),
    /for WORKERS in the environment: .*\n.*--workers wins over it/,
  );
  assert.match(run({ RATE: "high" }), /for RATE in the environment: .*\n.*unset RATE/);
  assert.match(
    run({}, { dir, host: "192.0.2.1" }),
    /not an address of this machine \(from "host" in "weir\.config\.json"; /,
  );
  assert.match(
    run({}, { dir: "absent" }),
    /there is no such folder \(from "dir" in "weir\.config\.json"\)/,
  );
  assert.match(
    run({ WEIR_ADMIN: "0.0.0.0:0" }),
    /others reach that address too.* \(from WEIR_ADMIN in the environment\)/,
  );
  assert.match(
    run({}, { dir, port: 0, "log-file": "absent/x.log" }),
    /\(from "log-file" in "weir\.config\.json"\)/,
  );
});
