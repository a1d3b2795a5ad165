// weir below a path of the proxies that people put in front of it, as their packages come: with the prefix
// taken off and with the whole path handed on. Whatever is followed stays below the path.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startCaddy, startHaproxy, startNginx } from "../fixtures/front-proxy.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { walkBelow } from "../fixtures/walk-below.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const TREE = {
  "a b.txt": "a",
  "about.html": '<a href="docs/">docs</a>',
  "docs/": { "guide.txt": "guide", "deep/": { "c:d.txt": "c" } },
  "pics/": { "one.png": "1", "ü.png": "2" },
};
const RULES = [{ from: "/gone/**", to: "/docs/**" }];
const ARGS = [
  ...["--rate", "off", "--workers", "1", "--clean-urls", "--trust-proxy", "127.0.0.1"],
  ...["--redirects", JSON.stringify(RULES)],
];
const STARTS = ["", "docs", "docs/deep", "about.html", "gone/guide.txt", "nothing/at/all"];

const defaults = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend public
`;

interface Way {
  readonly name: string;
  readonly program: string;
  readonly debianPackage: string;
  readonly args: readonly string[];
  /** Whether JSON has whole addresses: the proxy tells its prefix, or weir was told. */
  readonly isTold: boolean;
  readonly start: (t: TestContext, path: string, weirPort: number) => Promise<number>;
}

function nginx(location: string): Way["start"] {
  return (t, path, weirPort) =>
    startNginx(t, path, (port) => {
      const inside = location.replace("WEIR", `http://127.0.0.1:${weirPort}`);
      return `server { listen 127.0.0.1:${port}; ${inside} }`;
    });
}

const WAYS: readonly Way[] = [
  {
    name: "nginx, proxy_pass with a slash",
    ...{ program: "nginx", debianPackage: "nginx-light", args: [], isTold: false },
    start: nginx("location /files/ { proxy_pass WEIR/; }"),
  },
  {
    name: "nginx, proxy_pass with a slash and X-Forwarded-Prefix",
    ...{ program: "nginx", debianPackage: "nginx-light", args: [], isTold: true },
    start: nginx(
      "location /files/ { proxy_pass WEIR/; proxy_set_header X-Forwarded-Prefix /files; }",
    ),
  },
  {
    name: "nginx, proxy_pass without a slash, and --base-path",
    ...{ program: "nginx", debianPackage: "nginx-light", isTold: true },
    args: ["--base-path", "/files"],
    start: nginx("location /files/ { proxy_pass WEIR; }"),
  },
  {
    name: "Caddy, handle_path",
    ...{ program: "caddy", debianPackage: "caddy", args: [], isTold: false },
    start: (t, path, weirPort) =>
      startCaddy(
        t,
        path,
        (port) => `:${port} {
  bind 127.0.0.1
  handle_path /files/* {
    reverse_proxy 127.0.0.1:${weirPort}
  }
}`,
      ),
  },
  {
    name: "HAProxy, replace-path",
    ...{ program: "haproxy", debianPackage: "haproxy", args: [], isTold: true },
    start: (t, path, weirPort) =>
      startHaproxy(
        t,
        path,
        (port) => `${defaults}  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-Prefix /files
  http-request replace-path /files(/.*) \\1
  default_backend weir
backend weir
  server one 127.0.0.1:${weirPort}
`,
      ),
  },
  {
    name: "HAProxy that hands the path on, and --base-path",
    ...{ program: "haproxy", debianPackage: "haproxy", isTold: true },
    args: ["--base-path", "/files"],
    start: (t, path, weirPort) =>
      startHaproxy(
        t,
        path,
        (port) => `${defaults}  bind 127.0.0.1:${port}
  default_backend weir
backend weir
  server one 127.0.0.1:${weirPort}
`,
      ),
  },
];

for (const way of WAYS) {
  test(`below a path of a proxy nothing leads out of it (${way.name})`, async (t) => {
    const path = requireProgram(t, way.program, way.debianPackage);
    if (path === undefined) return;
    const dir = makeTempFolder(t);
    writeTree(dir, TREE);
    const weir = await startWeir(t, { dir, args: [...ARGS, ...way.args] });
    const port = await way.start(t, path, weir.port);
    const { seen, outside, broken } = await walkBelow(port, "/files", STARTS);
    assert.deepEqual([outside, broken], [[], []]);
    for (const file of ["a%20b.txt", "docs/deep/c%3Ad.txt", "pics/%C3%BC.png", "about"]) {
      assert.ok(seen.has(`/files/${file}`), `${file} of ${[...seen].join(" ")}`);
    }
    const json = await requestOnce(port, "/files/docs/?format=json");
    const { entries } = JSON.parse(json.body.toString()) as { entries: { href: string }[] };
    assert.equal(entries[0]?.href, `${way.isTold ? "/files" : ""}/docs/deep/`);
  });
}
