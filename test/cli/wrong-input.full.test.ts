// What people type by mistake, and servers and disks that are not as they should be: every command
// answers with one plain line that names the thing, and takes what can be understood.

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFreePort } from "../fixtures/free-port.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { formatAnswer, startScriptedServer } from "../fixtures/scripted-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

/** Codes of the system, of Node and of OpenSSL, and what slips out of a program that did not look. */
const INTERNALS =
  /\bE[A-Z]{3,}\b|\bERR_|\bHPE_|errno|syscall|undefined|\[object|Error:|\n\s+at |internal error|getaddrinfo/;

type Mistake = readonly [args: readonly string[], code: number, line: RegExp];

/** Four at a time: each is a process. */
async function checkAll(t: TestContext, mistakes: readonly Mistake[], cwd: string): Promise<void> {
  const left = [...mistakes];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [args, code, line] = next;
      const shown = `weir ${args.join(" ")}`;
      const run = await runWeir(t, args, { cwd });
      assert.equal(run.code, code, `${shown}: ${run.stderr}`);
      const [first = "", ...rest] = run.stderr.trimEnd().split("\n");
      assert.match(first, line, shown);
      assert.match(first, /^weir: \S/, shown);
      // Wrong usage names the page that explains; nothing else has a second line.
      if (code === 2) assert.match(rest.join("\n"), /^see: weir [a-z ]+--help$|^see: weir help$/);
      else assert.deepEqual(rest, [], shown);
      assert.doesNotMatch(run.stdout + run.stderr, INTERNALS, shown);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
}

/** Answers whatever comes, as a server does that speaks no TLS. Gives its port. */
async function startPlainServer(t: TestContext): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("servers that are not there, refuse, reset, are silent or speak something else", async (t) => {
  const free = await findFreePort();
  const reset = await startScriptedServer(t, (socket) => socket.resetAndDestroy());
  const closes = await startScriptedServer(t, (socket) => socket.end());
  const silent = await startScriptedServer(t, () => {});
  const other = await startScriptedServer(t, (socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const half = await startScriptedServer(t, (socket) => socket.end("HTTP/1.1 200 OK\r\nX: "));
  const plain = await startPlainServer(t);
  const nothing = /: nothing listens on (?:127\.0\.0\.1|\[::1\]):\d+(?: or \S+)?$/;
  const load = (port: number) => ["load", `127.0.0.1:${port}`, "-n", "2"];
  const get = (port: number) => ["get", `http://127.0.0.1:${port}/`];
  const soon = ["--timeout", "0.3"];
  await checkAll(
    t,
    [
      [["get", `http://localhost:${free}/`], 1, nothing],
      [["get", `127.0.0.1:${free}/x`], 1, nothing],
      [["get", "--head", `:${free}`], 1, nothing],
      [load(free), 1, nothing],
      [["load", "127.0.0.1", String(free), "/", "3"], 1, nothing],
      [get(reset.port), 1, /: the server reset the connection$/],
      [load(reset.port), 1, /: the server reset the connection$/],
      [get(closes.port), 1, /: the connection was closed before the answer began$/],
      [load(closes.port), 1, /: the connection was closed before the head was complete$/],
      [
        [...get(silent.port), ...soon],
        1,
        /: nothing came from the server after 0\.3 s; see --timeout$/,
      ],
      [[...load(silent.port), ...soon], 1, /: no complete answer within 300 ms$/],
      [get(other.port), 1, /: the answer is not HTTP$/],
      [load(other.port), 1, /: the answer does not begin with HTTP\/1\.$/],
      [get(half.port), 1, /: the connection was closed before the answer/],
      [["get", `https://127.0.0.1:${plain}/`], 1, /: the server does not speak TLS on this port$/],
      [["load", `https://127.0.0.1:${plain}/`], 1, /: no TLS: the server does not speak TLS/],
      [
        ["get", "http://weir.invalid/"],
        1,
        /: the host name "weir\.invalid" (?:is not known|cannot)/,
      ],
      [["load", "weir.invalid:80"], 1, /: the host name "weir\.invalid" (?:is not known|cannot)/],
      [
        ["load", "http://127.0.0.1:1/", "--source", "203.0.113.9"],
        1,
        /"203\.0\.113\.9": it is not an/,
      ],
    ],
    makeTempFolder(t),
  );
});

test("files that are absent, folders, no results, or cannot be written", async (t) => {
  const cwd = makeTempFolder(t);
  writeFileSync(join(cwd, "page.html"), "<!doctype html>");
  writeFileSync(join(cwd, "empty.json"), "");
  writeFileSync(join(cwd, "other.json"), '{"a": 1}');
  const absent = /there is no such file or folder$/;
  const folder = /: it is a folder/;
  const noFolder =
    /^weir: cannot write the result to "no\/such\/x\.\w+": there is no folder "no\/such"$/;
  const url = `http://127.0.0.1:${await findFreePort()}/`;
  await checkAll(
    t,
    [
      [["compare", "a.json"], 1, absent],
      [
        ["compare", "page.html"],
        1,
        /^weir: cannot compare "page\.html": it is not a JSON object; give/,
      ],
      [["compare", "empty.json", "empty.json"], 1, /"empty\.json": it is not a JSON object; give/],
      [["compare", "other.json"], 1, /^weir: cannot compare "other\.json": schema is not .*; give/],
      [["compare", "."], 1, folder],
      [["compare", "a.json", "b.json", "--json", "no/such/x.json"], 1, noFolder],
      [["compare", "page.html/x"], 1, /: a part of the path is a file and not a folder$/],
      [["load", url, "--urls", "none.txt"], 1, absent],
      [["load", url, "--urls", "."], 1, folder],
      [["load", url, "--json", "no/such/x.json"], 1, noFolder],
      [["load", url, "--csv", "no/such/x.csv"], 1, noFolder],
      [["load", url, "--report", "no/such/x.html"], 1, noFolder],
      [["load", url, "--json", "."], 1, /^weir: cannot write the result to "\.": it is a folder/],
      [["lab", "limit", "--json", "no/such/x.json"], 1, noFolder],
      [["lab", "limit", "--report", "."], 1, /"\.": it is a folder/],
      [
        ["hits", "export", "--state", "none"],
        1,
        /"\/.*none": there is no such file or folder; see --state$/,
      ],
      [
        ["hits", "export", "--state", "page.html"],
        1,
        /"\/.*page\.html": it is a file; see --state$/,
      ],
      [["hits", "export", "--state", ".", "--out", "no/such/x.json"], 1, noFolder],
      [["hits", "import", "none.json"], 1, absent],
      [["hits", "import", "page.html"], 1, /^weir: cannot import "page\.html": /],
    ],
    cwd,
  );
});

const WRONG_WORDS: readonly Mistake[] = [
  [["load"], 2, /^weir: no server to load: give URL, or HOST PORT PATH COUNT \[DELAY\], such as/],
  [["load", ""], 2, /^weir: cannot use "" for URL: give a URL such as http:\/\/localhost:8001\/$/],
  [["load", "word"], 2, /^weir: cannot use "word" for URL: give a URL such as/],
  [["load", "localhost:99999"], 2, /"localhost:99999" for URL: give a port from 1 to 65535$/],
  [["load", "http://a/", "http://b/"], 2, /; --compare takes two URLs, and --urls a file of them$/],
  [
    ["load", "a", "1", "/"],
    2,
    /^weir: cannot load "a" "1" "\/": give URL, or HOST PORT PATH COUNT/,
  ],
  [["load", "http://a/", "-n", "1.5"], 2, /"1\.5" for -n: give a whole number from 1 to/],
  [
    ["load", "http://a/", "-d", "ten"],
    2,
    /"ten" for -d: give seconds such as 0\.25, or a duration/,
  ],
  [["load", "http://a/", "-d", "0"], 2, /"0" for -d: give a duration of at least 1ms$/],
  [["get"], 2, /^weir: nothing to get: give URL \[FOLDER\], or HOST PORT PATH FOLDER, such as/],
  [
    ["get", "ftp://a/"],
    2,
    /"ftp:\/\/a\/" for URL: give a URL that begins with http:\/\/ or https:/,
  ],
  [["get", "http://a/", "--retries", "-1"], 2, /"-1" for --retries: give a whole number from 0 to/],
  [["get", "http://a/", "--max-wait", "x"], 2, /"x" for --max-wait: give seconds such as/],
  [
    ["get", "http://a/", "--rate", "5/s"],
    2,
    /flag "--rate": it belongs to weir serve and weir load$/,
  ],
  [["get", "http://a/", "--no-listing"], 2, /flag "--no-listing": it belongs to weir serve$/],
  [["get", "http://a/", "-n", "5"], 2, /^weir: unknown flag "-n": it belongs to weir load$/],
  [["get", "http://a/", "--hed"], 2, /^weir: unknown flag "--hed": did you mean --head\?$/],
  [["compare"], 2, /^weir: no results to compare: give two files that weir load --json has saved$/],
  [["compare", "", "b"], 2, /^weir: cannot compare "": give two files/],
  [["lab", "nosuch"], 2, /"nosuch": give one of concurrency, counter, limit, or none for all$/],
  [["lab", "limits"], 2, /^weir: unknown experiment "limits": did you mean limit\? \(give one of /],
  [["hits"], 2, /^weir: nothing to do with hits: give export \[DIR\], or import FILE$/],
  [
    ["hits", "import"],
    2,
    /^weir: no hits to import: give a file that weir hits export has written$/,
  ],
  [
    ["serve", "--exempt", "1.2.3.0/33"],
    2,
    /: give the prefix as a number from 0 to 32: 1\.2\.3\.0\/32$/,
  ],
  [
    ["serve", "--exempt", "fe80::/200"],
    2,
    /: give the prefix as a number from 0 to 128: fe80::\/128$/,
  ],
];

test("words that are missing, wrong, too many or of another command", async (t) => {
  await checkAll(t, WRONG_WORDS, makeTempFolder(t));
});

test("what can be understood is taken [no scheme, a port alone, HOST PORT, seconds, 1k, 100]", async (t) => {
  const { port } = await startScriptedServer(t, (socket) => socket.write(formatAnswer(200, "x")));
  const forms: readonly (readonly string[])[] = [
    ["load", `localhost:${port}`, "-n", "2"],
    ["load", `:${port}`, "-n", "2"],
    ["load", String(port), "-n", "2"],
    ["load", "127.0.0.1", String(port), "-n", "2"],
    ["load", `localhost:${port}/x`, "-n", "1k", "-d", "0.2"],
    ["load", `localhost:${port}`, "-n", "5", "--rate", "100"],
    ["load", "--compare", `:${port}/a`, `:${port}/b`, "-n", "2", "--rounds", "1"],
    ["get", `localhost:${port}`],
    ["get", String(port), "--timeout", "5"],
  ];
  for (const args of forms) {
    const run = await runWeir(t, args, { cwd: makeTempFolder(t) });
    assert.deepEqual([run.code, run.stderr.replace(/^saved .*\n$/, "")], [0, ""], args.join(" "));
  }
});
