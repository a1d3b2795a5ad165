// The files of deploy/ as the tests run them: what a person would change in them, addresses and paths,
// is changed, and each log says what the proxy sent on to weir. Only texts; proxies.ts starts them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ProxyPlace {
  /** Where the proxy listens, on 127.0.0.1. */
  readonly port: number;
  /** Where weir and its admin interface listen, on 127.0.0.1. */
  readonly weirPort: number;
  readonly adminPort: number;
  /** A folder of the proxy's own. */
  readonly own: string;
}

export interface ProxyConfig {
  readonly file: string;
  readonly text: string;
  readonly args: readonly string[];
  /** The program, beside the proxy itself, that prints its log. */
  readonly logger?: { readonly program: string; readonly args: readonly string[] };
}

/** A request that the proxy has sent on, or, where its log leaves that open, may have. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly isCertain: boolean;
}

export interface FrontProxy {
  readonly program: string;
  readonly debianPackage: string;
  /** What weir is started with behind it, beside the trust. */
  readonly weirArgs?: readonly string[];
  configure(place: ProxyPlace): ProxyConfig;
  /** The argument list with which the program checks a file and does nothing else. */
  check(file: string, own: string): readonly string[];
  /** What one line of the log says: nothing for a request that the proxy answered by itself. */
  readLine(line: string): readonly SentRequest[];
}

const DEPLOY = fileURLToPath(new URL("../../deploy", import.meta.url));

export const PROXIES: Readonly<Record<string, FrontProxy>> = {
  haproxy: {
    program: "haproxy",
    debianPackage: "haproxy",
    weirArgs: ["--proxy-protocol"],
    configure: configureHaproxy,
    check: (file) => ["-c", "-f", file],
    readLine: readHaproxyLine,
  },
  nginx: {
    program: "nginx",
    debianPackage: "nginx-light",
    configure: configureNginx,
    check: (file, own) => ["-t", "-p", own, "-c", file, "-e", join(own, "error.log")],
    readLine: readNginxLine,
  },
  caddy: {
    program: "caddy",
    debianPackage: "caddy",
    configure: configureCaddy,
    check: (file) => ["validate", "--adapter", "caddyfile", "--config", file],
    readLine: readCaddyLine,
  },
  varnish: {
    program: "varnishd",
    debianPackage: "varnish",
    configure: configureVarnish,
    check: (file, own) => ["-C", "-j", "none", "-n", join(own, "n"), "-f", file],
    readLine: readVarnishLine,
  },
};

/** A file of deploy/ with each text replaced by the other; each must be there exactly once. */
export function adapt(name: string, changes: readonly (readonly [string, string])[]): string {
  let text = readFileSync(join(DEPLOY, name), "utf8");
  for (const [from, to] of changes) {
    assert.equal(text.split(from).length, 2, `deploy/${name} has ${JSON.stringify(from)} once`);
    text = text.replace(from, () => to);
  }
  return text;
}

function configureHaproxy({ port, weirPort, adminPort, own }: ProxyPlace): ProxyConfig {
  const file = join(own, "haproxy.cfg");
  const text = adapt("haproxy.cfg", [
    ["bind :8080\n", `bind 127.0.0.1:${port}\n`],
    ["check port 8002 ", `check port ${adminPort} `],
    ["server weir1 weir1:8001", `server weir1 127.0.0.1:${weirPort}`],
    ["    server weir2 weir2:8001\n", ""],
    ["    server weir3 weir3:8001\n", ""],
    // The log goes wherever the program's own output goes.
    ["option httplog", 'log-format "SENT %s %Tc %HM %HU"'],
    // A target may be long, and a line is cut off.
    ["log stdout format raw local0", "log stdout len 16384 format raw local0"],
    // As many descriptors as any user may have.
    ["maxconn 20000", "maxconn 400\n    tune.http.logurilen 16384"],
  ]);
  return { file, text, args: ["-db", "-f", file] };
}

/**
 * A server's name stands where one was chosen; the time that the connection took is -1 where none was
 * made, because the body turned out to be none before that.
 */
function readHaproxyLine(line: string): SentRequest[] {
  const [, method = "", target = ""] = /^SENT weir1 \d+ (\S+) (.*)$/.exec(line) ?? [];
  return method === "" ? [] : [{ method, target, isCertain: true }];
}

function configureNginx({ port, weirPort, own }: ProxyPlace): ProxyConfig {
  const file = join(own, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${own}/${kind};`)
    .join(" ");
  const text = adapt("nginx.conf", [
    ["pid /run/nginx.pid;", `pid ${own}/nginx.pid; daemon off;`],
    ["error_log /var/log/nginx/error.log;", `error_log ${own}/error.log;`],
    [
      "access_log /var/log/nginx/access.log;",
      `log_format sent escape=none 'SENT "$upstream_addr" $request_method $request_uri'; access_log ${own}/access.log sent; ${temporary}`,
    ],
    ["server 127.0.0.1:8001;", `server 127.0.0.1:${weirPort};`],
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["listen [::]:80;", ""],
  ]);
  return {
    file,
    text,
    args: ["-p", own, "-c", file, "-e", join(own, "error.log")],
    // Its log can be no socket, which is what a child's output is here.
    logger: { program: "tail", args: ["-n", "+1", "-F", join(own, "access.log")] },
  };
}

/** Every try has an address in the list. */
function readNginxLine(line: string): SentRequest[] {
  const [, addresses = "", method = "", target = ""] =
    /^SENT "([^"]*)" (\S+) (.*)$/.exec(line) ?? [];
  const tries = addresses.split(",").filter((address) => address.trim().startsWith("127.0.0.1:"));
  return tries.map(() => ({ method, target, isCertain: true }));
}

function configureCaddy({ port, weirPort, adminPort, own }: ProxyPlace): ProxyConfig {
  const file = join(own, "Caddyfile");
  const text = adapt("Caddyfile", [
    ["{\n\tservers {", "{\n\tadmin off\n\tservers {"],
    ["example.org {", `:${port} {\n\tbind 127.0.0.1`],
    ["reverse_proxy 127.0.0.1:8001", `reverse_proxy 127.0.0.1:${weirPort}`],
    ["health_port 8002", `health_port ${adminPort}`],
  ]);
  return { file, text, args: ["run", "--adapter", "caddyfile", "--config", file] };
}

interface CaddyLine {
  readonly logger?: string;
  readonly request?: { readonly method: string; readonly uri: string };
  readonly resp_headers?: { readonly Server?: readonly string[] };
}

/** weir names itself in its answers; where Caddy answers, it may have asked weir in vain. */
function readCaddyLine(line: string): SentRequest[] {
  if (!line.startsWith("{")) return [];
  const { logger = "", request, resp_headers } = JSON.parse(line) as CaddyLine;
  if (!logger.startsWith("http.log.access") || request === undefined) return [];
  const isCertain = resp_headers?.Server?.includes("weir") === true;
  return [{ method: request.method, target: request.uri, isCertain }];
}

function configureVarnish({ port, weirPort, own }: ProxyPlace): ProxyConfig {
  const file = join(own, "weir.vcl");
  const folder = join(own, "n");
  const text = adapt("varnish.vcl", [
    ['.port = "8001";', `.port = "${weirPort}";`],
    // One at the start, and none among the requests that are counted.
    [".interval = 2s;", ".interval = 1h;"],
  ]);
  const listen = ["-a", `127.0.0.1:${port}`, "-T", "none", "-j", "none", "-s", "malloc,16m"];
  // A target may be long, and a record is cut off.
  const whole = ["-p", "vsl_buffer=32k", "-p", "vsl_reclen=16k"];
  return {
    file,
    text,
    args: ["-F", "-n", folder, "-f", file, ...listen, ...whole],
    logger: { program: "varnishncsa", args: ["-n", folder, "-b", "-F", "SENT %m %U%q"] },
  };
}

/** One line for each request to the backend. */
function readVarnishLine(line: string): SentRequest[] {
  const [, method = "", target = ""] = /^SENT (\S+) (.*)$/.exec(line) ?? [];
  return method === "" ? [] : [{ method, target, isCertain: true }];
}
