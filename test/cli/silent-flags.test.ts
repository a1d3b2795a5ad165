// weir does what a person asks for or refuses it in one line: it ignores no flag and no rule in silence.
// The real command.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, field, NO_LIMIT } from "../fixtures/ask-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir, WEIR_BIN } from "../fixtures/weir-process.ts";

const TREE = {
  "public/index.html": "<p>page",
  "public/a.txt": "a",
  "public/assets/app.css": "p{}",
  "public/assets/app.js": "1",
  "public/docs/b.html": "<p>b",
};

/** Values of --cache-control, and what a.txt, assets/app.css and assets/app.js are sent with. */
const CACHE: readonly (readonly [rules: string, text: string, css: string, js: string])[] = [
  ["max-age=60", "max-age=60", "max-age=60", "max-age=60"],
  ["public, max-age=60", "public, max-age=60", "public, max-age=60", "public, max-age=60"],
  ["no-store", "no-store", "no-store", "no-store"],
  ["*.{css,js}=immutable", "no-cache", "immutable", "immutable"],
  ["./assets/**=max-age=5", "no-cache", "max-age=5", "max-age=5"],
  ["*.js=no-store; max-age=7", "max-age=7", "max-age=7", "no-store"],
];

for (const [rules, ...expected] of CACHE) {
  test(`--cache-control '${rules}' sends ${expected.join(" | ")}`, async (t) => {
    const folder = makeTempFolder(t);
    writeTree(folder, TREE);
    const args = [...NO_LIMIT, "--cache-control", rules];
    const weir = await startWeir(t, { dir: join(folder, "public"), args });
    const paths = ["/a.txt", "/assets/app.css", "/assets/app.js"];
    const sent: (string | undefined)[] = [];
    for (const path of paths) sent.push(field(await ask(weir, path), "cache-control"));
    assert.deepEqual(sent, expected);
  });
}

const headers = (path: string) => ["--headers", JSON.stringify([{ path, set: { "X-A": "1" } }])];
const redirects = (...rules: [from: string, to: string][]) => [
  "--redirects",
  JSON.stringify(rules.map(([from, to]) => ({ from, to }))),
];

/** Arguments that nobody can mean, and the line that says so. */
const REFUSED: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [["--cache-control", "max-age=1h"], /"max-age=1h": give whole seconds/],
  [["--cache-control", "*.css=no-cahce"], /did you mean no-cache\?/],
  [["--cache-control", "no-cache; *.css=no-store"], /rule for "\*\.css" is never reached/],
  [
    ["--cache-control", "public/assets/**=no-store"],
    /"public" is its own name; write "\/assets\/\*\*"$/,
  ],
  [
    ["--cache-control", "/assets=no-store"],
    /it is a folder; write "\/assets\/\*\*" for what is in it$/,
  ],
  [
    headers("public/*.html"),
    /^cannot use "public\/\*\.html" in --headers: patterns begin in the served/,
  ],
  [headers("/.git/**"), /names that begin with a dot are not served; add --hidden/],
  [[...headers("*.css"), "--types", "html,txt"], /--types serves no css; add it there, or/],
  [headers("a%20b.html"), /write names as they are on disk/],
  [redirects(["/a", "/b"], ["/a", "/c"]), /rule 2: it is never reached, because rule 1/],
  [
    redirects(["/docs/", "/docs"]),
    /^cannot use the redirect to "\/docs": it is a folder, whose slash/,
  ],
  [["--types", "text/html"], /not media types$/],
  [["--types", "html,all"], /give "all" alone/],
  [["--proxy-protocol"], /^cannot use --proxy-protocol without --trust-proxy: /],
  [["--admin-token-file", "x"], /^cannot use --admin-token-file "\S*\/x" alone: /],
  [["--exempt", "10.0.0.0/33"], /give the prefix as a number from 0 to 32/],
];

function firstLineOf(args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: cleanEnvironment(process.env, {}), timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [WEIR_BIN, ...args], options, (error, _, stderr) => {
      const [line = ""] = stderr.split("\n");
      resolve(
        error?.code === 2 ? line.replace(/^weir: /, "") : `exit ${error?.code ?? 0}: ${line}`,
      );
    });
  });
}

for (const [args, line] of REFUSED) {
  test(`weir serve public ${args.join(" ")} is refused`, async (t) => {
    const folder = makeTempFolder(t);
    writeTree(folder, TREE);
    assert.match(await firstLineOf(["serve", "public", "--port", "0", ...args], folder), line);
  });
}

/** Flags that have no effect beside others, and the line that says so. */
const IDLE: readonly (readonly [readonly string[], RegExp])[] = [
  [["--readme", "--no-listing"], /^weir: --readme has no effect with --no-listing: /m],
  [["--zip", "--no-listing"], /^weir: --zip has no effect with --no-listing: /m],
  [["--log-file", "x", "--log", "off"], /^weir: --log-file has no effect with --log off: /m],
  [["--store-down", "closed"], /^weir: --store-down has no effect without --store/m],
  [["--spa", "--types", "css"], /^weir: --spa has no effect with --types without html: /m],
];

for (const [args, line] of IDLE) {
  test(`weir serve public ${args.join(" ")} serves, and says what has no effect`, async (t) => {
    const folder = makeTempFolder(t);
    writeTree(folder, TREE);
    const weir = await startWeir(t, { dir: join(folder, "public"), args });
    assert.match(weir.stderr(), line);
  });
}

test("a name that appears twice in the config file is refused, and so is one that is unknown", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  const texts = {
    '{"rate": "5/s", "rate": "9/s"}': /"rate" appears twice in one object/,
    '{"cache-control": {"*.css": "no-cache", "*.css": "no-store"}}': /"\*\.css" appears twice/,
    '{"cacheControl": "no-cache"}': /unknown name "cacheControl" .* did you mean "cache-control"\?/,
  };
  for (const [text, line] of Object.entries(texts)) {
    writeFileSync(join(folder, "weir.config.json"), text);
    assert.match(await firstLineOf(["serve", "public", "--port", "0"], folder), line);
  }
});
