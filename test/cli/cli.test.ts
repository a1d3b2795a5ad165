// The command line as a person meets it: the real bin/weir.js, spawned; what it prints on which
// stream, and its exit code. Nothing here starts a server.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, suite, test } from "node:test";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/weir.js", import.meta.url));
const manifest = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as {
  version: string;
  engines: { node: string };
};
const commandNames = ["serve", "load", "get", "lab"];

const folder = realpathSync(mkdtempSync(join(tmpdir(), "weir-cli-")));
mkdirSync(join(folder, "public"));
mkdirSync(join(folder, "get"));
writeFileSync(join(folder, "page.html"), "");
after(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly env?: Record<string, string>;
  /** Written as weir.config.json into the current folder of the run. */
  readonly file?: string;
}

function runWeir(args: readonly string[], given: Given = {}): Promise<Outcome> {
  const cwd = given.file === undefined ? folder : mkdtempSync(join(folder, "run-"));
  if (given.file !== undefined) writeFileSync(join(cwd, "weir.config.json"), given.file);
  const env = { HOME: folder, PATH: process.env.PATH, ...given.env };
  return new Promise((resolve) => {
    // A run that wrongly starts a server is ended, and its exit code is then not a number.
    const options = { cwd, env, timeout: 60_000 };
    execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) => {
      resolve({ exitCode: error ? (error.code as number) : 0, stdout, stderr });
    });
  });
}

const portRange = "give a number from 0 to 65535";
const rateForms =
  "give N/s, N/m, N/h or N/d, or a window such as 100/15m, with N from 1 to 1000000; or off";
const durationForms = "give a duration such as 500ms, 5s, 1m, 2h or 0";

/** The first line of stderr after `weir: `; the second names the help page. */
const wrongUsage: [args: string[], line: string, given?: Given][] = [
  [["serve", "--port", "abc"], `cannot use "abc" for --port: ${portRange}`],
  [["serve", "-pabc"], `cannot use "abc" for -p: ${portRange}`],
  [["serve", "--port=65536"], `cannot use "65536" for --port: ${portRange}`],
  [["serve", "-p", "1", "-p", "-1"], `cannot use "-1" for -p: ${portRange}`],
  [["serve", "--workers", "0"], 'cannot use "0" for --workers: give a whole number from 1 to 256'],
  [
    ["serve", "--concurrency", "none"],
    'cannot use "none" for --concurrency: give a whole number from 1 to 1000000, or off',
  ],
  [
    ["serve", "--delay", "500"],
    'cannot use "500" for --delay: add a unit: 500ms, 500s, 500m or 500h',
  ],
  [["serve", "--drain", "soon"], `cannot use "soon" for --drain: ${durationForms}`],
  [["serve", "--rate", "5"], 'cannot use "5" for --rate: add the time: 5/s, 5/m or 5/h'],
  [["serve", "--rate", "0/s"], `cannot use "0/s" for --rate: ${rateForms}`],
  [
    ["serve", "--types", "html,,png"],
    'cannot use "html,,png" for --types: ' +
      "give extensions separated by commas, such as html,png,pdf, or all",
  ],
  [["serve", "--symlinks", "yes"], 'cannot use "yes" for --symlinks: give inside, follow or deny'],
  [
    ["serve", "--log", "xml"],
    'cannot use "xml" for --log: give pretty, common, combined, json or off',
  ],
  [
    ["serve", "--host", "http://localhost"],
    'cannot use "http://localhost" for --host: ' +
      "leave the scheme out, such as localhost or 127.0.0.1",
  ],
  [["serve", "--state="], 'cannot use "" for --state: give the path of a file or folder'],
  [
    ["serve", "--hidden=yes"],
    'cannot use "yes" for --hidden: a switch takes no value (write --hidden or --no-hidden)',
  ],
  [["serve", "--port"], "missing value for --port: give N, such as --port 8001"],
  [["serve", "--port", "--hidden"], "missing value for --port: give N, such as --port 8001"],
  [["serve", "--prot", "80"], 'unknown flag "--prot": did you mean --port?'],
  [["serve", "-port", "80"], 'unknown flag "-port": did you mean --port?'],
  [["serve", "--zzz"], 'unknown flag "--zzz"'],
  [["serve", "a", "b"], 'cannot serve "a" and "b": give one folder, or the one that holds both'],
  [["--rate", "x\u001b[31my"], `cannot use "x\\u001b[31my" for --rate: ${rateForms}`],
  [["sreve"], 'unknown command or folder "sreve": did you mean weir serve?'],
  [["laod", "-n", "5"], 'unknown command or folder "laod": did you mean weir load?'],
  [
    ["xyz"],
    'unknown command or folder "xyz": the commands are serve, load, get, compare, hits, lab',
  ],
  [["-p", "1", "load"], 'unknown folder "load": a command comes first, as in weir load …'],
  [["help", "xyz"], 'unknown command "xyz": the commands are serve, load, get, compare, hits, lab'],
  [
    ["load", "-n", "0", "http://127.0.0.1:1/"],
    'cannot use "0" for -n: give a whole number from 1 to 1000000000',
  ],
  [
    ["load", "--source", "localhost", "http://127.0.0.1:1/"],
    'cannot use "localhost" for --source: ' +
      "give IP addresses separated by commas, or a range such as 127.0.0.1-127.0.0.20",
  ],
  [["get", "--port", "80"], 'unknown flag "--port": it belongs to weir serve'],
  [["lab", "--json"], "missing value for --json: give FILE|-"],
];

const inFile = "in the config file";
const wrongFile: [args: string[], line: string | RegExp, given?: Given][] = [
  [["--config", "absent.json"], 'cannot read the config file "absent.json": there is no such file'],
  [
    ["--config", "public"],
    'cannot read the config file "public": it is a folder; give a JSON file',
  ],
  [
    [],
    /^cannot read the config file "weir.config.json": it is not JSON \(.+\)$/,
    { file: "{port" },
  ],
  [[], /^cannot use the config file "weir.config.json": it must hold one JSON/, { file: "[1]" }],
  [[], 'unknown name "prot" in "weir.config.json": did you mean "port"?', { file: '{"prot": 1}' }],
  [
    [],
    'unknown name "no-index" in "weir.config.json": write "index": false',
    { file: '{"no-index": true}' },
  ],
  [
    [],
    'cannot use "true" for "port" in "weir.config.json": give a string or a number',
    { file: '{"port": true}' },
  ],
  [
    [],
    'cannot use "on" for "listing" in "weir.config.json": give true or false',
    { file: '{"listing": "on"}' },
  ],
  [
    [],
    'cannot use "10" for "drain" in "weir.config.json": add a unit: 10ms, 10s, 10m or 10h',
    { file: '{"drain": 10}' },
  ],
];

suite("wrong usage is answered on stderr with two lines and exit code 2", {
  concurrency: 4,
}, () => {
  for (const [args, line, given] of [...wrongUsage, ...wrongFile]) {
    const where = given ? ` (${given.file} ${inFile})` : "";
    test(`weir ${args.map((arg) => JSON.stringify(arg)).join(" ")}${where}`, async () => {
      const { exitCode, stdout, stderr } = await runWeir(args, given);
      const [first = "", second = "", ...rest] = stderr.split("\n");
      assert.ok(first.startsWith("weir: "), stderr);
      if (typeof line === "string") assert.equal(first.slice("weir: ".length), line);
      else assert.match(first.slice("weir: ".length), line);
      assert.match(second, /^see: weir (help|(serve|load|get|lab) --help)$/);
      assert.deepEqual([rest, stdout, exitCode], [[""], "", 2]);
    });
  }
});

const unservable: [args: string[], line: string, given?: Given][] = [
  [["./absent"], 'cannot serve "./absent": there is no such folder'],
  [["serve", "absent"], 'cannot serve "absent": there is no such folder'],
  [
    ["page.html"],
    'cannot serve "page.html": it is a file, not a folder ' +
      "(give the folder that holds it: weir serve .)",
  ],
  [["serve", ""], 'cannot serve "": give the path of a folder'],
  [["serve", "--", "--help"], 'cannot serve "--help": there is no such folder'],
  [["serve", "a\nb"], 'cannot serve "a\\nb": there is no such folder'],
];

suite("a folder that cannot be served is answered with one line and exit code 1", () => {
  for (const [args, line] of unservable) {
    test(`weir ${args.map((arg) => JSON.stringify(arg)).join(" ")}`, async () => {
      const outcome = await runWeir(args);
      assert.deepEqual(outcome, { exitCode: 1, stdout: "", stderr: `weir: ${line}\n` });
    });
  }
});

/** Every run asks for an absent folder, so that right values end in exit code 1. */
const absent = 'cannot serve "./absent": there is no such folder';
const bad = (text: string, target: string) => `cannot use "${text}" for ${target}: ${portRange}`;
const precedence: [args: string[], line: string, given: Given][] = [
  [["-p", "c"], bad("c", "-p"), { env: { PORT: "b" }, file: '{"port": "a"}' }],
  [[], bad("b", "PORT in the environment"), { env: { PORT: "b" }, file: '{"port": "a"}' }],
  [[], bad("a", '"port" in "weir.config.json"'), { env: { PORT: "" }, file: '{"port": "a"}' }],
  [["-p", "0"], absent, { env: { PORT: "b" }, file: '{"port": "a"}' }],
  [[], absent, { env: { PORT: "0" }, file: '{"port": "a"}' }],
  [[], absent, { env: { PORT: "", RATE: "" }, file: '{"port": 0, "types": ["html"]}' }],
];

suite("flags win over the environment, over the config file, over the defaults", () => {
  for (const [args, line, given] of precedence) {
    test(`weir ./absent ${args.join(" ")} with ${JSON.stringify(given)}`, async () => {
      const { stderr } = await runWeir(["./absent", ...args], given);
      assert.equal(stderr.split("\n")[0], `weir: ${line}`);
    });
  }

  test('"dir" of a config file starts from the folder of the file', async () => {
    writeFileSync(join(folder, "public", "c.json"), '{"dir": "nothing"}');
    const { stderr } = await runWeir(["--config", "public/c.json"]);
    const dir = JSON.stringify(join(folder, "public", "nothing"));
    assert.equal(
      stderr,
      `weir: cannot serve ${dir}: there is no such folder (from "dir" in "public/c.json")\n`,
    );
  });
});

suite("help goes to stdout, fits 80 columns and exits 0", { concurrency: 4 }, () => {
  const forms = [
    ["--help"],
    ["-h"],
    ["help"],
    ...commandNames.flatMap((name) => [
      ["help", name],
      [name, "--help"],
      [name, "--zzz", "-h"],
    ]),
  ];
  for (const args of forms) {
    test(`weir ${args.join(" ")}`, async () => {
      const { exitCode, stdout, stderr } = await runWeir(args);
      assert.deepEqual([exitCode, stderr], [0, ""]);
      const name = args.find((arg) => commandNames.includes(arg));
      assert.ok(stdout.startsWith(name ? `weir ${name}: ` : `weir ${manifest.version}: `), stdout);
      for (const heading of ["Usage", "Options", "Examples", "Exit status"]) {
        assert.match(stdout, new RegExp(`^${heading}$`, "m"));
      }
      for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    });
  }

  test("the overview names every command", async () => {
    const { stdout } = await runWeir(["--help"]);
    for (const name of commandNames) assert.match(stdout, new RegExp(`^ {2}${name} {2,}\\S`, "m"));
  });
});

for (const args of [["--version"], ["-V"], ["serve", "-V"], ["-p", "80", "-V"], ["get", "-V"]]) {
  test(`weir ${args.join(" ")} prints the version of package.json`, async () => {
    const outcome = await runWeir(args);
    assert.deepEqual(outcome, { exitCode: 0, stdout: `weir ${manifest.version}\n`, stderr: "" });
  });
}

const needed = manifest.engines.node.replace(">=", "");
const oldNode = (process.env.PATH ?? "")
  .split(delimiter)
  .map((dir) => join(dir, "node"))
  .find((path) => {
    const major = /^v(\d+)\./.exec(
      spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "",
    );
    return major !== null && Number(major[1]) < Number.parseInt(needed, 10);
  });

test("an older Node is told which version weir needs and how to get it, in two lines", {
  skip: oldNode === undefined && `no Node older than ${needed} on the PATH`,
}, () => {
  const { status, stdout, stderr } = spawnSync(oldNode!, [bin, "--version"], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [2, ""]);
  const [first = "", second = "", ...rest] = stderr.split("\n");
  assert.match(first, new RegExp(`^weir: needs Node\\.js ${needed} or newer, and this is \\d+\\.`));
  assert.match(second, /`npm ci`.*nodejs\.org/);
  assert.deepEqual(rest, [""]);
});
