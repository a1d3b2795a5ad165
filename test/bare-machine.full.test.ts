// weir on machines that lack what a program supposes: no home folder, no /proc or a hidden one, a
// read-only file system, few descriptors, a control group with little; and as npm, npx, nginx and systemd
// start it or speak to it. Namespaces of Linux stand for the machines; they need the superuser.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findFreePort } from "./fixtures/free-port.ts";
import { installPacked } from "./fixtures/packed-weir.ts";
import { waitUntil } from "./fixtures/process-facts.ts";
import { getOverSocket } from "./fixtures/socket-client.ts";
import { findProgram, requireProgram } from "./fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, READY_LINE, WEIR_BIN } from "./fixtures/weir-process.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const UNKNOWN_USER = "12345";
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
const isRoot = process.getuid?.() === 0;
const skip = (process.platform !== "linux" || !isRoot) && "needs Linux and its superuser";
const WEIR = [process.execPath, WEIR_BIN, "serve"];

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  stderr(): string;
  stop(): Promise<number | null>;
}

/** A program that is weir in the end, or starts it. Fails where no ready line comes. */
async function start(
  t: TestContext,
  [program = "", ...args]: readonly string[],
  { env = {}, cwd }: { readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<Started> {
  const child = spawn(program, args, {
    cwd,
    env: cleanEnvironment({ ...process.env, PATH }, env),
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const signal = (name: NodeJS.Signals) => {
    // The whole group: a shell, npm or unshare in front does not hand every signal on.
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, name);
  };
  t.after(() => signal("SIGKILL"));
  await waitUntil("a ready line", () => READY_LINE.test(text) || hasEnded);
  const url = READY_LINE.exec(text)?.groups?.url;
  assert.ok(url !== undefined, `no ready line:\n${text}`);
  const stop = () => {
    signal("SIGTERM");
    return ended;
  };
  return { url, child, stderr: () => text, stop };
}

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a", "sub/b.txt": "b" });
  chmodSync(dir, 0o755);
  return dir;
}

async function assertServes(url: string): Promise<void> {
  const file = await fetch(`${url}/a.txt`);
  assert.deepEqual([file.status, await file.text()], [200, "content of a"]);
  const listing = await fetch(`${url}/?format=json`);
  assert.equal(listing.status, 200);
  const { entries } = (await listing.json()) as { entries: { name: string }[] };
  assert.deepEqual(entries.map(({ name }) => name).sort(), ["a.txt", "sub"]);
}

/** The checkout was installed with it. */
function findNpm(name: "npm" | "npx"): string {
  const path = findProgram(name, PATH);
  assert.ok(path !== undefined, name);
  return path;
}

/** What weir said before its ready line, a line each. */
function warningsOf({ stderr }: Started): string[] {
  return stderr()
    .split("\n")
    .filter((line) => line !== "" && !READY_LINE.test(line));
}

test("an unknown user without an environment: hits in memory, one warning", { skip }, async (t) => {
  const setpriv = requireProgram(t, "setpriv", "util-linux");
  if (setpriv === undefined) return;
  const bare = [setpriv, `--reuid=${UNKNOWN_USER}`, "--clear-groups", "env", "-i", `PATH=${PATH}`];
  for (const variables of [[], ["HOME="], ["HOME=relative"], ["XDG_STATE_HOME=relative"]]) {
    const weir = await start(t, [...bare, ...variables, ...WEIR, newFolder(t), "--port", "0"]);
    await assertServes(weir.url);
    const [warning, ...others] = warningsOf(weir);
    assert.match(
      warning ?? "",
      /^weir: hits are kept in memory only: this user has no home folder/,
    );
    assert.deepEqual(others, [], variables.join());
    await weir.stop();
  }
});

test("a home that does not exist, as of system users: one warning that names the file", {
  skip,
}, async (t) => {
  const setpriv = requireProgram(t, "setpriv", "util-linux");
  if (setpriv === undefined) return;
  const command = [setpriv, `--reuid=${UNKNOWN_USER}`, "--clear-groups", ...WEIR, newFolder(t)];
  const weir = await start(t, [...command, "--port", "0"], { env: { HOME: "/nonexistent" } });
  await assertServes(weir.url);
  const [warning, ...others] = warningsOf(weir);
  assert.match(
    warning ?? "",
    /^weir: cannot save hits to "\/nonexistent\/.*": this user has no permission; /,
  );
  assert.deepEqual(others, []);
  await weir.stop();
});

const MACHINES: readonly [string, string[], string, RegExp | undefined][] = [
  ["without /proc", ["--mount"], "mount -t tmpfs none /proc", undefined],
  [
    "with the processes of others hidden in /proc",
    ["--mount", "--pid", "--fork"],
    "mount -t proc -o hidepid=2 proc /proc",
    undefined,
  ],
  [
    "with a read-only file system",
    ["--mount"],
    "mount --bind / /mnt && mount -o remount,ro,bind /",
    /^weir: cannot save hits to ".*": the file system is read-only; /,
  ],
];

for (const [name, namespaces, prepare, expected] of MACHINES) {
  test(`a machine ${name}: files, listings, metrics and the stop work`, { skip }, async (t) => {
    const unshare = requireProgram(t, "unshare", "util-linux");
    if (unshare === undefined) return;
    const adminPort = await findFreePort();
    const flags = ["--port", "0", "--admin", `127.0.0.1:${adminPort}`, "--log", "off"];
    const script = `${prepare} && exec "$@"`;
    const command = [
      unshare,
      ...namespaces,
      "sh",
      "-c",
      script,
      "sh",
      ...WEIR,
      newFolder(t),
      ...flags,
    ];
    const state =
      expected === undefined ? ["--state", "memory"] : ["--state", "/var/lib/weir-test"];
    const weir = await start(t, [...command, ...state]);
    await assertServes(weir.url);
    const metrics = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
    assert.equal(metrics.status, 200);
    assert.match(await metrics.text(), /^weir_http_requests_total\{/m);
    const warnings = warningsOf(weir);
    if (expected === undefined) assert.deepEqual(warnings, []);
    else assert.match(warnings.join("\n"), expected);
    await weir.stop();
  });
}

test("64 descriptors: fewer threads than cores would make, and every client is answered", {
  skip,
}, async (t) => {
  const limited = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", ...WEIR, newFolder(t)];
  const weir = await start(t, [...limited, "--port", "0", "--rate", "off", "--state", "memory"]);
  const answers = Array.from({ length: 40 }, () => fetch(`${weir.url}/a.txt`));
  const statuses = (await Promise.allSettled(answers)).map((each) =>
    each.status === "fulfilled" ? each.value.status : 0,
  );
  // Those beyond what the descriptors hold are told to come again.
  assert.deepEqual(
    statuses.filter((status) => ![200, 503, 0].includes(status)),
    [],
  );
  assert.ok(statuses.filter((status) => status === 200).length >= 4, String(statuses));
  await waitUntil("the server answers again", () => true);
  assert.equal((await fetch(`${weir.url}/a.txt`)).status, 200);
  await weir.stop();
});

interface Group {
  readonly memoryBytes?: number;
  readonly cpuCount?: number;
}

/** A control group of version 1, which is gone after the test; undefined where none can be made. */
function makeGroup(t: TestContext, { memoryBytes, cpuCount }: Group): string[] | undefined {
  const folders: string[] = [];
  const make = (controller: string, files: Record<string, number>) => {
    const folder = `/sys/fs/cgroup/${controller}/weir-test-${process.pid}`;
    mkdirSync(folder);
    folders.push(folder);
    t.after(() => rmdirSync(folder));
    for (const [name, value] of Object.entries(files))
      writeFileSync(join(folder, name), `${value}`);
  };
  try {
    if (memoryBytes !== undefined) make("memory", { "memory.limit_in_bytes": memoryBytes });
    if (cpuCount !== undefined) {
      make("cpu", { "cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": 100_000 * cpuCount });
    }
    return folders;
  } catch {
    return undefined;
  }
}

const GROUPS: readonly [string, Group, number][] = [
  ["one processor", { cpuCount: 1 }, 1],
  ["256 MiB", { memoryBytes: 256 * 1024 * 1024 }, 2],
  ["192 MiB", { memoryBytes: 192 * 1024 * 1024 }, 1],
];

for (const [name, group, threadsMax] of GROUPS) {
  test(`a control group with ${name} has ${threadsMax} threads at most`, { skip }, async (t) => {
    const folders = makeGroup(t, group);
    if (folders === undefined)
      return t.skip("needs control groups of version 1 that can be written");
    const enter = folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(" && ");
    const command = ["sh", "-c", `${enter} && exec "$@"`, "sh", ...WEIR, newFolder(t)];
    const weir = await start(t, [...command, "--port", "0", "--state", "memory"]);
    const threads = Number(READY_LINE.exec(weir.stderr())?.groups?.threads);
    assert.ok(threads >= 1 && threads <= threadsMax, weir.stderr());
    await assertServes(weir.url);
    await weir.stop();
  });
}

test("npm start with its ports in use takes the next ones, and says how to choose", async (t) => {
  const npm = findNpm("npm");
  const busy = createServer().listen(0);
  await once(busy, "listening");
  t.after(() => busy.close());
  const { port } = busy.address() as { port: number };
  const env = { WEIR_STATE: "memory" };
  const args = [
    "start",
    "--",
    "--port",
    String(port),
    "--admin",
    `127.0.0.1:${await findFreePort()}`,
  ];
  const weir = await start(t, [npm, ...args], { cwd: ROOT, env });
  assert.match(
    weir.stderr(),
    new RegExp(`^weir: port ${port} is already in use by .*: taking port \\d+ instead$`, "m"),
  );
  assert.equal((await fetch(weir.url)).status, 200);
  await weir.stop();
});

test("npx runs the packed program in an empty folder", async (t) => {
  const [npm, npx] = [findNpm("npm"), findNpm("npx")];
  const { folder } = installPacked(t, npm);
  const env = { ...process.env, PATH };
  const manifest = readFileSync(join(folder, "node_modules/weir/package.json"), "utf8");
  const { dependencies } = JSON.parse(manifest);
  assert.ok(
    Object.keys(dependencies).every((name) => existsSync(join(folder, "node_modules", name))),
  );
  writeTree(folder, { "public/a.txt": "content of a", "public/sub/b.txt": "b" });
  const args = ["--no", "weir", "serve", "public", "--port", "0", "--state", "memory"];
  const weir = await start(t, [npx, ...args], { cwd: folder });
  await assertServes(weir.url);
  // A flag is added as it is behind npx.
  const { port } = new URL(weir.url);
  const again = spawn(npx, ["--no", "weir", "serve", "public", "--port", port], {
    cwd: folder,
    env,
  });
  let text = "";
  again.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await once(again, "close");
  assert.match(text, /: add --port \d+;/);
  await weir.stop();
});

test("nginx and curl speak to a Unix socket, and the client that nginx names is in the log", {
  skip,
}, async (t) => {
  const nginx = requireProgram(t, "nginx", "nginx-light");
  const curl = requireProgram(t, "curl", "curl");
  if (nginx === undefined || curl === undefined) return;
  const folder = makeTempFolder(t);
  chmodSync(folder, 0o755);
  const path = join(folder, "weir.sock");
  const log = join(folder, "access.log");
  const flags = ["--host", `unix:${path},127.0.0.1`, "--port", "0", "--trust-proxy", "unix"];
  const output = ["--state", "memory", "--log", "common", "--log-file", log];
  const weir = await start(t, [...WEIR, newFolder(t), ...flags, ...output]);
  const answer = execFileSync(curl, ["--silent", "--unix-socket", path, "http://weir.test/a.txt"]);
  assert.equal(answer.toString(), "content of a");
  const port = await findFreePort();
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
http { access_log off; server { listen 127.0.0.1:${port}; location / {
  proxy_pass http://unix:${path}; proxy_set_header X-Forwarded-For $remote_addr; } } }`,
  );
  const proxy = spawn(nginx, ["-c", join(folder, "nginx.conf"), "-p", folder], { stdio: "ignore" });
  t.after(() => proxy.kill("SIGTERM"));
  await waitUntil("nginx", () => existsSync(join(folder, "nginx.pid")));
  await assertServes(`http://127.0.0.1:${port}`);
  await weir.stop();
  const clients = readFileSync(log, "latin1")
    .trim()
    .split("\n")
    .map((line) => line.split(" ", 1)[0]);
  // Threads write their lines in batches.
  assert.deepEqual(clients.sort(), ["127.0.0.1", "127.0.0.1", "unix"]);
});

test("systemd-socket-activate hands a Unix socket over, which stays when weir stops", async (t) => {
  const program = requireProgram(t, "systemd-socket-activate", "systemd");
  if (program === undefined) return;
  const path = join(makeTempFolder(t), "weir.sock");
  const port = await findFreePort();
  const listen = ["--listen", `127.0.0.1:${port}`, "--listen", path];
  const child = spawn(program, [...listen, ...WEIR, newFolder(t), "--state", "memory"], {
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await waitUntil("the socket", () => existsSync(path));
  const answer = await getOverSocket(path, "/a.txt");
  assert.deepEqual([answer.status, answer.body], [200, "content of a"]);
  await waitUntil("both lines", () => text.includes(`weir: serving on unix:${path} too`));
  await assertServes(`http://127.0.0.1:${port}`);
  child.kill("SIGTERM");
  await once(child, "close");
  assert.ok(existsSync(path));
});
