import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { defaultSite } from "../config/site-config.ts";
import { chooseWorkerCount, readMachineBounds } from "../server/worker-count.ts";
import { serveFlags } from "./flag-table.ts";
import { settleValues } from "./resolve-values.ts";
import { buildServeConfig } from "./serve-command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "weir-serve-")));
mkdirSync(join(folder, "public"));
mkdirSync(join(folder, "my files"));
writeFileSync(join(folder, "page.html"), "");
writeFileSync(join(folder, "my files", "page.html"), "");
symlinkSync("public", join(folder, "link"));
symlinkSync("loop", join(folder, "loop"));
after(() => rmSync(folder, { recursive: true }));

interface Given {
  typed?: Record<string, string>;
  env?: NodeJS.ProcessEnv;
  isTTY?: boolean;
}

function build(positionals: string[], { typed = {}, env = {}, isTTY = false }: Given = {}) {
  const flags = Object.entries(typed).map(
    ([name, text]) => [name, { text, spelling: `--${name}` }] as const,
  );
  const sources = { typed: new Map(flags), env, file: undefined, currentDir: folder };
  const stdout = { write: () => true, isTTY };
  const settled = settleValues(serveFlags, sources);
  return buildServeConfig({ ...settled, positionals, env, stdout, stderr: stdout });
}

test("the defaults of serve are those of the manual", () => {
  const config = build([join(folder, "public")], { env: { XDG_STATE_HOME: "/var/state" } });
  assert.deepEqual(config, {
    rootDir: join(folder, "public"),
    ownPaths: { files: [], folders: ["/var/state/weir"], name: "weir.config.json" },
    port: 8001,
    nextPort: false,
    hosts: [],
    origins: config.origins,
    workerCount: chooseWorkerCount(readMachineBounds()),
    concurrency: undefined,
    delayMs: 0,
    timeouts: { stallTimeoutMs: 300_000, idleTimeoutMs: 5000, headTimeoutMs: 10_000 },
    rate: { count: 5, windowMs: 1000, text: "5/s" },
    clients: { ipv6PrefixBits: 64, trustedProxies: [], proxyProtocol: false, exempt: [] },
    store: undefined,
    clientConnections: 256,
    mountTimeoutMs: 15_000,
    index: true,
    listing: true,
    readme: false,
    zip: false,
    compress: true,
    site: defaultSite,
    types: undefined,
    hidden: false,
    symlinks: "inside",
    stateDir: "/var/state/weir",
    log: "combined",
    logFile: undefined,
    admin: undefined,
    qr: false,
    drainMs: 10_000,
  });
  assert.ok(Object.isFrozen(config));
});

test("without a folder the current one is served, and a link is kept, because it may be switched", () => {
  assert.equal(build([]).rootDir, realpathSync("."));
  assert.equal(build([join(folder, "link")]).rootDir, join(folder, "link"));
});

test("the log is pretty on a terminal, unless it is chosen", () => {
  assert.equal(build([folder], { isTTY: true }).log, "pretty");
  assert.equal(build([folder], { isTTY: true, typed: { log: "json" } }).log, "json");
});

const stateCases: [Given, string | undefined][] = [
  [{ typed: { state: "memory" } }, undefined],
  [{ env: { WEIR_STATE: "memory" } }, undefined],
  [{ typed: { state: "kept" } }, join(folder, "kept")],
  [{}, join(homedir(), ".local/state/weir")],
  [{ env: { XDG_STATE_HOME: "relative" } }, join(homedir(), ".local/state/weir")],
];

for (const [given, stateDir] of stateCases) {
  test(`hits are kept in ${stateDir} for ${JSON.stringify(given)}`, () => {
    assert.equal(build([folder], given).stateDir, stateDir);
  });
}

test("the home folder is found without HOME, of a user that the system knows", () => {
  const lines: string[] = [];
  const env = { XDG_STATE_HOME: "relative" };
  const write = (line: string | Uint8Array) => lines.push(String(line));
  const settled = settleValues(serveFlags, {
    typed: new Map(),
    env,
    file: undefined,
    currentDir: "/",
  });
  const args = { ...settled, positionals: [folder], env, stdout: { write }, stderr: { write } };
  assert.equal(buildServeConfig(args).stateDir, join(userInfo().homedir, ".local/state/weir"));
  assert.deepEqual(lines, []);
});

const refused: [positionals: string[], name: string, message: RegExp][] = [
  [["absent/"], "OperationError", /^cannot serve "absent\/": there is no such folder$/],
  [[""], "OperationError", /^cannot serve "": give the path of a folder$/],
  [[join(folder, "page.html", "x")], "OperationError", /there is no such folder$/],
  [[join(folder, "loop")], "OperationError", /symbolic links go round in a circle$/],
  [["a", "b"], "UsageError", /^cannot serve "b" beside "a": give one folder/],
];

for (const [positionals, name, message] of refused) {
  test(`serve refuses [${positionals.join(" ").replace(folder, "…")}]`, () => {
    assert.throws(() => build(positionals), { name, message });
  });
}

test("serve refuses a file and names the folder that holds it, quoted where a shell needs it", () => {
  const plain = `it is a file, not a folder (give the folder that holds it: weir serve ${folder})`;
  const spaced = `weir serve "${join(folder, "my files")}")`;
  const refusal = (path: string) => {
    try {
      build([path]);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.ok(refusal(join(folder, "page.html")).endsWith(plain));
  assert.ok(refusal(join(folder, "my files", "page.html")).endsWith(spaced));
});

/** As another user where this one is the superuser, who may read everything. */
function asOrdinaryUser(run: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  const nobody = 65534;
  if (isRoot) process.seteuid?.(nobody);
  try {
    run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test("serve refuses a folder that this user may not enter", () => {
  const closed = join(folder, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0);
  asOrdinaryUser(() => {
    assert.throws(() => build([closed]), { name: "OperationError", message: /may not enter it$/ });
  });
});
