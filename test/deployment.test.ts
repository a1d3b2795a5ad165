// Holds the Dockerfile and compose.yaml to what the program and the
// checkout really offer: every flag, port, file and link that they name is looked up. No container
// engine is needed: the layout of the image is laid out in a temporary folder and run there.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, matchesGlob, posix } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseDocument } from "yaml";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, READY_LINE, WEIR_BIN } from "./fixtures/weir-process.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const EXAMPLES = join(ROOT, "examples/public");
const PROGRAM = ["node", "/app/bin/weir.js"];

interface Stage {
  readonly name: string;
  readonly from: string;
  /** `text` is what follows the keyword, on one line. */
  readonly instructions: { readonly keyword: string; readonly text: string }[];
}

interface Service {
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: unknown;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly secrets?: readonly string[];
}

interface Compose {
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const stages = parseStages(readText("Dockerfile"));
const image = stages.at(-1)!;
const manifest = JSON.parse(readText("package.json"));

test("Dockerfile: starts every stage from one Node image, pinned to the version development uses", () => {
  const names = new Set(stages.map((stage) => stage.name));
  const outside = stages.map((stage) => stage.from).filter((from) => !names.has(from));
  assert.deepEqual(outside, [`node:${manifest.devDependencies.node}-trixie-slim`]);
});

test("Dockerfile: gives HEALTHCHECK, ENTRYPOINT and CMD as lists, so that no shell stands in between", () => {
  assert.deepEqual(readList("ENTRYPOINT"), PROGRAM);
  assert.deepEqual(readList("CMD"), ["serve", "/srv"]);
  assert.deepEqual(readList("HEALTHCHECK").slice(0, PROGRAM.length), PROGRAM);
  assert.equal(findText("STOPSIGNAL"), "SIGTERM");
});

test("Dockerfile: runs as a user that is a number and not 0, set after the last RUN", () => {
  assert.match(findText("USER"), /^[1-9]\d*:[1-9]\d*$/);
  const order = image.instructions.map(({ keyword }) => keyword);
  assert.ok(order.lastIndexOf("USER") > order.lastIndexOf("RUN"));
});

test("Dockerfile: listens where EXPOSE and the health check say", () => {
  const { PORT } = readImageEnvironment();
  assert.equal(findText("EXPOSE"), PORT);
  assert.equal(new URL(readList("HEALTHCHECK").at(-1)!).port, PORT);
});

test("Dockerfile: sets only variables that weir serve --help names, and NODE_ENV", async () => {
  const help = await readHelp("serve");
  for (const name of Object.keys(readImageEnvironment())) {
    assert.ok(name === "NODE_ENV" || help.includes(`env: ${name}]`), name);
  }
});

test("Dockerfile: copies only what is in the checkout and passes .dockerignore", () => {
  for (const { source, from } of stages.flatMap(listCopies)) {
    if (from !== undefined) continue;
    assert.ok(existsSync(join(ROOT, source)), `${source} is not in the checkout`);
    assert.ok(!isIgnored(source), `${source} is kept back by .dockerignore`);
  }
  assert.ok(isIgnored("node_modules") && isIgnored(".git") && isIgnored("src/base/x.test.ts"));
});

test("Dockerfile: puts into the image each folder that is published, and no other but node_modules", () => {
  const folders = manifest.files.filter((name: string) => !/[A-Z]/.test(name));
  const copied = listCopies(image).map(({ target }) => posix.normalize(target).replace("/", ""));
  const expected = [...folders, "node_modules"].sort();
  assert.deepEqual(copied.filter((name) => name !== ".").sort(), expected);
});

test("Dockerfile: takes node_modules from a stage that installed no development dependency", () => {
  const copy = listCopies(image).find(({ target }) => target === "node_modules/");
  const source = stages.find(({ name }) => name === copy?.from);
  const installs = source?.instructions.filter(({ text }) => /\bnpm\b/.test(text)) ?? [];
  assert.equal(installs.length, 1);
  assert.match(installs[0]!.text, /^npm ci .*--omit=dev\b/);
});

test("Dockerfile: can leave out install scripts: no package needed at run time has one", () => {
  for (const [path, entry] of listLockedPackages()) {
    if (path === "" || entry.dev) continue;
    assert.notEqual(entry.hasInstallScript, true, path);
    assert.notEqual(path, "node_modules/node", "the Node.js of development is in the image");
  }
});

test("Dockerfile: makes an image that runs from what it copies, is healthy, and ends on SIGTERM", async (t) => {
  const app = makeTempFolder(t);
  await layOutImage(app);
  const bin = join(app, "bin/weir.js");
  const server = await startServer(t, bin, app);
  const check = [bin, ...readList("HEALTHCHECK").slice(PROGRAM.length, -1), `${server.url}/`];
  await run(process.execPath, check);
  assert.equal(await server.stop(), 0);
  await assert.rejects(run(process.execPath, check), { code: 1 });
});

const compose = readCompose();
const services = Object.entries(compose.services);
const labs = services.filter(([name]) => name.startsWith("lab-"));
const servers = services.filter(([name, { ports }]) => ports && !name.startsWith("lab-"));

test("compose.yaml: has the server, its baseline, both for the lab and the request tester, built from this checkout", () => {
  assert.deepEqual(Object.keys(compose.services), [
    ...["server", "single", "lab-server", "lab-single", "requesttest"],
  ]);
  for (const [name, service] of services) assert.equal(service.build, ".", name);
});

test("compose.yaml: mounts only folders of the checkout, read-only, and volumes that it declares", () => {
  for (const [name, service] of services) {
    for (const volume of service.volumes ?? []) {
      const [source = "", target, mode] = volume.split(":");
      if (source.startsWith(".")) {
        assert.ok(existsSync(join(ROOT, source)), `${name}: ${source} is not in the checkout`);
        assert.deepEqual([target, mode], ["/srv", "ro"], name);
      } else {
        assert.ok(source in compose.volumes, `${name}: ${source} is not declared`);
        assert.equal(target, readImageEnvironment().WEIR_STATE, name);
      }
    }
  }
});

test("compose.yaml: lets no service write to its image or gain rights", () => {
  for (const [name, service] of services) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    assert.ok(service.security_opt?.includes("no-new-privileges:true"), name);
  }
});

test("compose.yaml: publishes 8001 and 8000, where the servers listen and are checked", () => {
  const imageCheck = readList("HEALTHCHECK");
  const published = servers.map(([name, { ports, command = [], healthcheck }]) => {
    const given = command.indexOf("--port");
    const port = given === -1 ? readImageEnvironment().PORT : command[given + 1];
    assert.deepEqual(ports, [`${port}:${port}`], name);
    const check = healthcheck?.test ?? ["CMD", ...imageCheck];
    assert.deepEqual(check.slice(0, -1), ["CMD", ...imageCheck.slice(0, -1)], name);
    assert.equal(new URL(check.at(-1)!).port, port, name);
    return [name, port];
  });
  assert.deepEqual(published, [
    ["server", "8001"],
    ["single", "8000"],
  ]);
});

test("compose.yaml: the profile of the lab publishes its ports, the dashboards to this machine only", () => {
  const published = labs.map(([name, { command = [], ports, profiles }]) => {
    const flagValue = (flag: string) =>
      command.find((word) => word.startsWith(`--${flag}=`))?.slice(flag.length + 3);
    const [port, admin] = [flagValue("port"), flagValue("admin")?.split(":")[1]];
    assert.deepEqual(ports, [`${port}:${port}`, `127.0.0.1:${admin}:${admin}`], name);
    assert.deepEqual(profiles, ["lab"], name);
    return [port, admin];
  });
  const taken = servers.flatMap(([, { ports = [] }]) => ports.map((pair) => pair.split(":")[0]));
  assert.equal(new Set([...published.flat(), ...taken]).size, 6);
});

test("compose.yaml: the password of the dashboards is in the checkout, and is what the comment says", () => {
  for (const [name, { secrets = [], command = [] }] of labs) {
    assert.deepEqual(secrets, ["lab-password"], name);
    assert.ok(command.includes("--admin-token-file=/run/secrets/lab-password"), name);
  }
  const password = readText(compose.secrets["lab-password"]!.file).trim();
  assert.match(readText("compose.yaml"), new RegExp(`the password is "${password}"`));
});

test("compose.yaml: uses only flags that weir serve --help lists", async () => {
  const help = await readHelp("serve");
  for (const [name, { command = [] }] of [...servers, ...labs]) {
    assert.deepEqual(command.slice(0, 2), ["serve", "/srv"], name);
    for (const word of command.filter((each) => each.startsWith("-"))) {
      const [flag] = word.split("=");
      assert.match(help, new RegExp(`^ .*${flag}\\b`, "m"), `${name}: ${flag}`);
    }
  }
});

test("compose.yaml: runs weir load with what follows `run --rm requesttest`, and starts it on no `up`", async () => {
  const { entrypoint, command, profiles, depends_on, healthcheck } =
    compose.services.requesttest ?? {};
  assert.deepEqual(entrypoint, [...PROGRAM, "load"]);
  assert.deepEqual(command, ["--help"]);
  assert.deepEqual(profiles, ["tools"]);
  assert.equal(depends_on, undefined);
  assert.equal(healthcheck?.disable, true);
  assert.match(await readHelp("load"), /HOST PORT PATH COUNT/);
});

test("compose.yaml: waits longer for a stop than the server may take to drain", async () => {
  const drain = /--drain D [^[]*\[default: (\d+)s[\],]/.exec(await readHelp("serve"))?.[1];
  for (const [name, { stop_grace_period = "10s" }] of [...servers, ...labs]) {
    assert.ok(Number.parseInt(stop_grace_period, 10) > Number(drain), `${name}: ${drain} s`);
  }
});

function readText(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

/** The stages in order. Heredocs and parser directives are not used, and not understood. */
function parseStages(text: string): Stage[] {
  const lines = text
    .replace(/^\s*(#.*)?\n/gm, "")
    .replace(/\\\n/g, " ")
    .trim()
    .split("\n");
  const found: Stage[] = [];
  for (const line of lines) {
    const [, keyword = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    assert.notEqual(keyword, "", `not an instruction: ${line}`);
    if (keyword === "FROM") {
      const [from = "", , name = ""] = rest.split(/\s+/);
      found.push({ name, from, instructions: [] });
    } else {
      assert.ok(found.length > 0, `${keyword} stands before FROM`);
      found.at(-1)!.instructions.push({ keyword, text: rest.replace(/\s+/g, " ").trim() });
    }
  }
  return found;
}

/** The text of the last instruction of that kind in the last stage. */
function findText(keyword: string): string {
  const found = image.instructions.findLast((each) => each.keyword === keyword);
  assert.ok(found, `the last stage has no ${keyword}`);
  return found.text;
}

/** The list of an exec form. A shell form is no JSON, and throws. */
function readList(keyword: string): string[] {
  return JSON.parse(findText(keyword).replace(/^.*?\bCMD (?=\[)/, ""));
}

function readImageEnvironment(): Record<string, string> {
  return Object.fromEntries(
    findText("ENV")
      .split(" ")
      .map((pair) => pair.split("=")),
  );
}

function listCopies(stage: Stage): { source: string; target: string; from: string | undefined }[] {
  return stage.instructions
    .filter(({ keyword }) => keyword === "COPY" || keyword === "ADD")
    .flatMap(({ text }) => {
      const words = text.split(" ");
      const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
      const paths = words.filter((word) => !word.startsWith("--"));
      const target = paths.pop() ?? "";
      return paths.map((source) => ({ source, target, from }));
    });
}

/** As an engine reads it: the last line that matches the path or a folder above it decides. */
function isIgnored(path: string): boolean {
  const parts = posix.normalize(path).replace(/\/$/, "").split("/");
  const candidates = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let ignored = false;
  for (const line of readText(".dockerignore").split("\n")) {
    const pattern = line.trim().replace(/^!/, "");
    if (pattern === "" || pattern.startsWith("#")) continue;
    // A "*" of this file also takes names that begin with a dot.
    if (pattern === "*" || candidates.some((each) => matchesGlob(each, pattern))) {
      ignored = !line.startsWith("!");
    }
  }
  return ignored;
}

function listLockedPackages(): [string, { dev?: boolean; hasInstallScript?: boolean }][] {
  return Object.entries(JSON.parse(readText("package-lock.json")).packages);
}

/** Fills `app` with what the last stage holds in /app. */
async function layOutImage(app: string): Promise<void> {
  await run(process.execPath, [join(ROOT, "build.ts"), "--out", join(app, "dist/weir")]);
  const packages = listLockedPackages().filter(([path, { dev }]) => path !== "" && !dev);
  for (const path of ["bin", "package.json", ...packages.map(([path]) => path)]) {
    cpSync(join(ROOT, path), join(app, path), { recursive: true });
  }
}

/** Starts the image's command on a free port, with the demonstration folder for /srv. */
async function startServer(t: Pick<TestContext, "after">, bin: string, app: string) {
  const args = readList("CMD").map((word) => (word === "/srv" ? EXAMPLES : word));
  const env = cleanEnvironment(process.env, {
    ...readImageEnvironment(),
    PORT: "0",
    HOST: "127.0.0.1",
    WEIR_STATE: join(app, "state"),
  });
  const child = spawn(process.execPath, [bin, ...args], { cwd: app, env });
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.stdout.resume();
  let output = "";
  for await (const chunk of child.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (READY_LINE.test(output)) break;
  }
  child.stderr.resume();
  const url = READY_LINE.exec(output)?.groups?.url;
  assert.ok(url, `no ready line:\n${output}`);
  const stop = (): Promise<number | null> => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url, stop };
}

function readCompose(): Compose {
  const document = parseDocument(readText("compose.yaml"), { merge: true });
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return document.toJS();
}

async function readHelp(command: string): Promise<string> {
  const { stdout } = await run(process.execPath, [WEIR_BIN, command, "--help"]);
  return stdout;
}
