// `weir load` and `weir get` over TLS: certificates that are trusted, that are not, and servers that speak none.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { type AddressInfo, createServer as createPlainServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { runWeir } from "../fixtures/run-weir.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, WEIR_BIN } from "../fixtures/weir-process.ts";

/** With a certificate for `localhost` that it has signed itself; undefined after a skip. */
async function startTlsServer(
  t: TestContext,
): Promise<{ server: Server; port: number; cert: string } | undefined> {
  const openssl = requireProgram(t, "openssl", "openssl");
  if (openssl === undefined) return undefined;
  const dir = makeTempFolder(t);
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const subject = ["-nodes", "-days", "2", "-subj", "/CN=localhost"];
  execFileSync(openssl, [...request, ...subject, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(options, (_request, response) => {
    response.end("x".repeat(100_000));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, cert };
}

test("--insecure loads a server whose certificate nobody vouches for", async (t) => {
  const started = await startTlsServer(t);
  if (started === undefined) return;
  let connectionCount = 0;
  started.server.on("secureConnection", () => connectionCount++);
  const url = `https://localhost:${started.port}/`;
  const args = ["load", url, "--insecure", "-n", "40", "-c", "2", "--check", "--json", "-"];
  const run = await runWeir(t, args);
  const result = JSON.parse(run.stdout);
  assert.deepEqual([result.admitted, result.bodyBytes], [40, 4_000_000]);
  assert.deepEqual(result.plan.urls, [url]);
  assert.deepEqual(result.bodies, { distinct: 1 });
  assert.ok(connectionCount <= 2, `${connectionCount} connections`);
  assert.equal(run.code, 0);
});

test("without it the certificate is named as what is wrong, in one line", async (t) => {
  const started = await startTlsServer(t);
  if (started === undefined) return;
  const run = await runWeir(t, ["load", `https://localhost:${started.port}/`, "-n", "3"]);
  assert.match(run.stdout, /^ {2}tls: 3 /m);
  assert.match(
    run.stderr,
    /^weir: no request to .* got an answer: no TLS: the server's certificate is signed by itself; --insecure .*\n$/,
  );
  assert.equal(run.code, 1);
});

test("a server that speaks no TLS is named as such, in one line", async (t) => {
  const plain = createPlainServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  plain.listen(0, "127.0.0.1");
  await once(plain, "listening");
  t.after(() => plain.close());
  const { port } = plain.address() as AddressInfo;
  const run = await runWeir(t, ["load", `https://127.0.0.1:${port}/`, "-n", "2"]);
  assert.match(
    run.stderr,
    /^weir: no request to .* got an answer: no TLS: the server does not speak TLS on this port\n$/,
  );
  assert.equal(run.code, 1);
});

test("get names the certificate as what is wrong [signed by itself, for another name], and believes an authority", async (t) => {
  const started = await startTlsServer(t);
  if (started === undefined) return;
  const cwd = makeTempFolder(t);
  const own = await runWeir(t, ["get", `https://localhost:${started.port}/a.bin`], { cwd });
  assert.match(
    own.stderr,
    /^weir: cannot get ".*": the server's certificate is signed by itself; NODE_EXTRA_CA_CERTS=FILE .*\n$/,
  );
  assert.equal(own.code, 1);
  const env = cleanEnvironment(process.env, { NODE_EXTRA_CA_CERTS: started.cert });
  const get = (host: string) =>
    promisify(execFile)(
      process.execPath,
      [WEIR_BIN, "get", `https://${host}:${started.port}/a.bin`],
      { cwd, env },
    );
  await get("localhost");
  assert.equal(readFileSync(join(cwd, "a.bin")).length, 100_000);
  await assert.rejects(get("127.0.0.1"), {
    code: 1,
    stderr: /^weir: cannot get ".*": the server's certificate is for another name\n$/,
  });
});
