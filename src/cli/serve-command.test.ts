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
import { type Flag, type FlagTable, keyOf } from "../config/flag.ts";
import { serveFlags } from "../config/serve-flags.ts";
import { chooseWorkerCount, readMachineBounds } from "../server/worker-count.ts";
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

/** What several flags, or the machine, decide about a server of which nothing was said. */
const settledByDefault = {
  rootDir: join(folder, "public"),
  ownPaths: { files: [], folders: ["/var/state/weir"], name: "weir.config.json" },
  workers: chooseWorkerCount(readMachineBounds()),
  log: "combined",
  stateDir: "/var/state/weir",
  admin: undefined,
};

const defaultOf = (flag: Flag): unknown =>
  flag.fallback === undefined ? flag.absent : flag.parse(flag.fallback, "/");

test("without any flag each has the default of its row", () => {
  const config = build([join(folder, "public")], { env: { XDG_STATE_HOME: "/var/state" } });
  const table: FlagTable = serveFlags;
  const ofRows = Object.fromEntries(table.map((flag) => [keyOf(flag), defaultOf(flag)]));
  const { config: _, state: __, adminTokenFile: ___, ...values } = ofRows;
  assert.deepEqual(config, { ...values, ...settledByDefault, origins: config.origins });
  assert.ok(Object.isFrozen(config));
});

test("the defaults that people rely on are these", () => {
  const { port, rate, index, listing, compress, hidden, drainMs, host } = build([folder]);
  assert.deepEqual(
    { port, rate: rate?.text, index, listing, compress, hidden, drainMs, host },
    {
      port: 8001,
      rate: "5/s",
      index: true,
      listing: true,
      compress: true,
      hidden: false,
      drainMs: 10_000,
      host: [],
    },
  );
});

test("the configuration is plain: a thread gets the same as the main thread has", () => {
  const typed = {
    store: "redis://:secret@127.0.0.1:6379/1",
    headers: '[{"path": "*.html", "set": {"X-A": "1"}}]',
    redirects: '[{"from": "/a/*", "to": "/b/*"}]',
    exempt: "local,unix",
    types: "html,png",
  };
  const config = build([folder], { typed });
  assert.deepEqual(structuredClone(config), config);
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
  [["a", "b"], "UsageError", /^cannot serve "a" and "b": give one folder/],
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
