// `weir get` from outside: the real command against small servers. What lands on stdout, what in the
// folder, and what it exits with.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFreePort } from "../fixtures/free-port.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { startScriptedServer } from "../fixtures/scripted-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

const page = "<!doctype html><title>grün</title>";
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]);

async function startServer(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers every request with this type and body. */
function answerWith(type: string, body: string | Buffer): RequestListener {
  return (_request, response) => response.setHeader("content-type", type).end(body);
}

for (const [type, body] of [
  ["text/html; charset=utf-8", page],
  ["TEXT/plain", "plain"],
  ["application/json", '{"a":1}'],
] as const) {
  test(`${type} goes to stdout, byte for byte, and makes no folder`, async (t) => {
    const folder = join(makeTempFolder(t), "new");
    const port = await startServer(t, answerWith(type, body));
    const run = await runWeir(t, ["get", "127.0.0.1", String(port), "/a.html", folder]);
    assert.deepEqual(run, { code: 0, stdout: body, stderr: "" });
    assert.equal(existsSync(folder), false);
  });
}

test("a page of 5 MB comes through whole", async (t) => {
  const body = `${"0123456789".repeat(500_000)}end`;
  const port = await startServer(t, answerWith("text/html", body));
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/`]);
  assert.equal(run.code, 0);
  assert.ok(run.stdout === body, `${run.stdout.length} of ${body.length} characters`);
});

for (const [type, name] of [
  ["image/png", "a.png"],
  ["application/pdf", "b c.pdf"],
  ["application/octet-stream", "d"],
] as const) {
  test(`${type} is saved as ${name} into a folder that was not there`, async (t) => {
    const folder = join(makeTempFolder(t), "new");
    const port = await startServer(t, answerWith(type, picture));
    const path = `/books/${name}?x=1`;
    const run = await runWeir(t, ["get", "127.0.0.1", String(port), path, folder]);
    const stderr = `saved ${join(folder, name)} (8 bytes)\n`;
    assert.deepEqual(run, { code: 0, stdout: "", stderr });
    assert.deepEqual(readdirSync(folder), [name]);
    assert.deepEqual(readFileSync(join(folder, name)), picture);
  });
}

test("an answer without a type is saved", async (t) => {
  const folder = makeTempFolder(t);
  const port = await startServer(t, (_request, response) => response.end("x"));
  await runWeir(t, ["get", `http://127.0.0.1:${port}/data`, folder]);
  assert.deepEqual(readdirSync(folder), ["data"]);
});

test("the URL form saves into the current folder when none is given", async (t) => {
  const cwd = makeTempFolder(t);
  const port = await startServer(t, answerWith("image/png", picture));
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/a.png`], { cwd });
  assert.equal(run.stderr, "saved a.png (8 bytes)\n");
  assert.deepEqual(readdirSync(cwd), ["a.png"]);
});

for (const path of ["/..%2f..%2fescape.png", "/%2e%2e", "/..%5cescape.png", "/x/.."]) {
  test(`no path leads out of the folder (${path})`, async (t) => {
    const parent = makeTempFolder(t);
    const folder = join(parent, "inner");
    const port = await startServer(t, answerWith("image/png", picture));
    const run = await runWeir(t, ["get", "127.0.0.1", String(port), path, folder]);
    assert.equal(run.code, 0);
    assert.deepEqual(readdirSync(parent), ["inner"]);
    assert.equal(readdirSync(folder).length, 1);
  });
}

for (const [status, line] of [
  [404, "HTTP 404 Not Found\n"],
  [403, "HTTP 403 Forbidden\n"],
  [206, "HTTP 206 Partial Content\n"],
  [599, "HTTP 599\n"],
] as const) {
  test(`status ${status} is printed on stderr, nothing is saved, exit 1`, async (t) => {
    const folder = makeTempFolder(t);
    const port = await startServer(t, (_request, response) =>
      response.writeHead(status, { "content-type": "image/png" }).end(picture),
    );
    const run = await runWeir(t, ["get", "127.0.0.1", String(port), "/a.png", folder]);
    assert.deepEqual(run, { code: 1, stdout: "", stderr: line });
    assert.deepEqual(readdirSync(folder), []);
  });
}

test("429 comes with the time to wait (Retry-After: 1, --retries 0)", async (t) => {
  const port = await startServer(t, (_request, response) =>
    response.writeHead(429, { "retry-after": "1" }).end(),
  );
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/`, "--retries", "0"]);
  assert.equal(run.stderr, "HTTP 429 Too Many Requests\nThe server asks to try again in 1 s.\n");
  assert.equal(run.code, 1);
});

test("a redirect on the same host is followed, said, and does not choose the name", async (t) => {
  const folder = makeTempFolder(t);
  const port = await startServer(t, (request, response) => {
    if (request.url === "/a.png") response.writeHead(301, { location: "/other/.bashrc" }).end();
    else answerWith("image/png", picture)(request, response);
  });
  const url = `http://127.0.0.1:${port}`;
  const run = await runWeir(t, ["get", `${url}/a.png`, folder]);
  assert.match(run.stderr, new RegExp(`^HTTP 301, going on to ${url}/other/.bashrc\n`));
  assert.deepEqual(readdirSync(folder), ["a.png"]);
});

test("a redirect to another host is refused with one line", async (t) => {
  const port = await startServer(t, (_request, response) =>
    response.writeHead(302, { location: "http://other.invalid/x" }).end(),
  );
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/`]);
  assert.match(run.stderr, /^weir: cannot get ".*": the redirect leads to another server: .*\n$/);
  assert.equal(run.code, 1);
});

test("a redirect in a circle ends after 5", async (t) => {
  let requestCount = 0;
  const port = await startServer(t, (_request, response) => {
    requestCount++;
    response.writeHead(307, { location: "/" }).end();
  });
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/`]);
  assert.match(run.stderr, /weir: cannot get ".*": more than 5 redirects\n$/);
  assert.equal(requestCount, 6);
  assert.equal(run.code, 1);
});

test("a download that breaks off leaves the earlier file and nothing else", async (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "a.png"), "old");
  const { port } = await startScriptedServer(t, (socket) => {
    socket.end("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\nnew");
  });
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/a.png`, folder]);
  assert.match(run.stderr, /^weir: cannot get ".*": the connection was closed before .*\n$/);
  assert.equal(run.code, 1);
  assert.deepEqual(readdirSync(folder), ["a.png"]);
  assert.equal(readFileSync(join(folder, "a.png"), "utf8"), "old");
});

test("a complete download replaces the earlier file", async (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "a.png"), "old and longer than the new one");
  const port = await startServer(t, answerWith("image/png", picture));
  await runWeir(t, ["get", `http://127.0.0.1:${port}/a.png`, folder]);
  assert.deepEqual(readFileSync(join(folder, "a.png")), picture);
});

test("Ctrl-C in the middle leaves nothing and exits 130", async (t) => {
  const folder = makeTempFolder(t);
  const { promise: partIsThere, resolve } = Promise.withResolvers<void>();
  const { port } = await startScriptedServer(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\nnew");
    const look = setInterval(() => {
      if (readdirSync(folder).length === 0) return;
      clearInterval(look);
      resolve();
    }, 10);
    socket.on("close", () => clearInterval(look));
  });
  const args = ["get", `http://127.0.0.1:${port}/a.png`, folder];
  const run = await runWeir(t, args, { interruptAfter: partIsThere });
  assert.equal(run.code, 130);
  assert.deepEqual(readdirSync(folder), []);
});

test("--timeout ends a download whose server falls silent", async (t) => {
  const folder = makeTempFolder(t);
  const { port } = await startScriptedServer(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\nnew");
  });
  const url = `http://127.0.0.1:${port}/a.png`;
  const run = await runWeir(t, ["get", url, folder, "--timeout", "500ms"]);
  assert.match(run.stderr, /^weir: cannot get ".*": .* after 0\.5 s; see --timeout\n$/);
  assert.equal(run.code, 1);
  assert.deepEqual(readdirSync(folder), []);
});

for (const [status, code] of [
  [200, 0],
  [204, 0],
  [404, 1],
  [503, 1],
] as const) {
  test(`--head asks with HEAD, prints nothing on stdout, and ${status} exits ${code}`, async (t) => {
    const methods: (string | undefined)[] = [];
    const port = await startServer(t, (request, response) => {
      methods.push(request.method);
      response.writeHead(status, { "content-type": "image/png", "content-length": "8" }).end();
    });
    const cwd = makeTempFolder(t);
    const run = await runWeir(t, ["get", "--head", `http://127.0.0.1:${port}/a.png`], { cwd });
    assert.deepEqual([run.code, run.stdout, methods], [code, "", ["HEAD"]]);
    assert.deepEqual(readdirSync(cwd), []);
  });
}

test("a port where nothing listens exits 1 with one line", async (t) => {
  const port = await findFreePort();
  for (const head of [[], ["--head"]]) {
    const run = await runWeir(t, ["get", ...head, `http://127.0.0.1:${port}/`]);
    assert.match(run.stderr, /^weir: cannot get ".*": nothing listens on 127\.0\.0\.1:\d+\n$/);
    assert.equal(run.code, 1);
  }
});

test("a file where the folder should be is one line", async (t) => {
  const file = join(makeTempFolder(t), "file");
  writeFileSync(file, "");
  const port = await startServer(t, answerWith("image/png", picture));
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/a.png`, file]);
  assert.match(run.stderr, /^weir: cannot save ".*a\.png": ".*file" is not a folder\n$/);
  assert.equal(run.code, 1);
});

test("a folder of the file's name is one line, and nothing is left beside it", async (t) => {
  const folder = makeTempFolder(t);
  mkdirSync(join(folder, "a.png"));
  const port = await startServer(t, answerWith("image/png", picture));
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/a.png`, folder]);
  assert.match(run.stderr, /^weir: cannot save ".*a\.png": it is a folder\n$/);
  assert.deepEqual(readdirSync(folder), ["a.png"]);
});

test("a body in a coding that was not asked for (gzip) is refused", async (t) => {
  const port = await startServer(t, (_request, response) =>
    response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end("x"),
  );
  const run = await runWeir(t, ["get", `http://127.0.0.1:${port}/`]);
  assert.match(run.stderr, /^weir: cannot get ".*": .*"gzip".*\n$/);
  assert.deepEqual([run.code, run.stdout], [1, ""]);
});

for (const [args, line] of [
  [[], "nothing to get: give URL [FOLDER], or HOST PORT PATH FOLDER"],
  [["a", "1", "/"], 'cannot get "a" "1" "/": give URL [FOLDER], or HOST PORT PATH FOLDER'],
  [["a", "0", "/", "f"], 'cannot use "0" for PORT: give a whole number from 1 to 65535'],
  [["a b", "1", "/", "f"], 'cannot use "a b" for HOST: give a host name or an IP address'],
  [["http:/localhost/x"], 'cannot use "http:/localhost/x" for URL: write it as http://localhost/x'],
  [["ftp://a/"], 'cannot use "ftp://a/" for URL: give a URL that begins with http:// or https://'],
  [["http://a/", ""], 'cannot use "" for FOLDER: give the path of a file or folder'],
] as const) {
  test(`wrong usage exits 2 with a line that says what is allowed (${args.join(" ")})`, async (t) => {
    const run = await runWeir(t, ["get", ...args]);
    assert.ok(run.stderr.startsWith(`weir: ${line}`), run.stderr);
    assert.deepEqual([run.code, run.stdout], [2, ""]);
  });
}
