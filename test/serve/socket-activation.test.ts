// Sockets that were opened before weir and outlive it, as systemd hands them to a service: it serves on
// them instead of its own, nobody who connects while it is restarted is turned away, and what is no
// such socket is told in one line. systemd's own program is in socket-activate.full.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { type AddressInfo, BoundSocket, connect, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { takeInheritedSockets } from "../../src/serve/site-listeners.ts";
import { type ActivatedWeir, startActivated } from "../fixtures/activated-weir.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { openRawConnection } from "../fixtures/raw-client.ts";
import { getOverSocket } from "../fixtures/socket-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";

const REQUEST = "GET /a.txt HTTP/1.1\r\nHost: weir.test\r\nConnection: close\r\n\r\n";
const WAITING_COUNT = 20;
const OPTIONS = ["--rate", "off", "--state", "memory", "--log", "off", "--workers", "2"];
const skip = process.platform === "win32" && "the protocol is that of systemd";

interface Opened {
  readonly port: number;
  readonly descriptor: number;
}

/** A socket with an address, which this process keeps. It listens as soon as weir has begun to. */
function openSocket(t: TestContext, host = "127.0.0.1"): Opened {
  const socket = new BoundSocket({ host, port: 0 });
  t.after(() => socket.close());
  return { port: socket.address().port, descriptor: socket.fd() };
}

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return dir;
}

test("weir serves on the socket that it inherits, and tells its address [--port 1]", {
  skip,
}, async (t) => {
  const { port, descriptor } = openSocket(t);
  const args = [newFolder(t), ...OPTIONS, "--port", "1", "--host", "192.0.2.1"];
  const weir = await startActivated(t, { descriptors: [descriptor], args });
  assert.equal(weir.url, `http://127.0.0.1:${port}`, weir.stderr());
  for (let count = 0; count < 10; count++) {
    assert.equal((await requestOnce(port, "/a.txt")).body.toString(), "content of a");
  }
  assert.equal(await weir.stop(), 0);
});

test("who asks while weir is restarted waits, and is answered [20 connections]", {
  skip,
}, async (t) => {
  const { port, descriptor } = openSocket(t);
  const start = () =>
    startActivated(t, { descriptors: [descriptor], args: [newFolder(t), ...OPTIONS] });
  const first = await start();
  assert.equal((await requestOnce(port, "/a.txt")).status, 200);
  assert.equal(await first.stop(), 0);
  const waiting = await Promise.all(
    Array.from({ length: WAITING_COUNT }, async () => {
      const connection = await openRawConnection({ port });
      t.after(() => connection.destroy());
      await connection.send(REQUEST);
      return connection;
    }),
  );
  assert.deepEqual(new Set(waiting.map(({ closed }) => closed)), new Set(["open"]));
  const second = await start();
  for (const connection of waiting) {
    await connection.waitFor({ kind: "closed" }, ["GET"], 10_000);
    assert.match(connection.bytes.toString(), /^HTTP\/1\.1 200 [\s\S]*content of a$/);
  }
  assert.equal(await second.stop(), 0);
});

test("not one of those who never stop asking is turned away by three restarts", {
  skip,
}, async (t) => {
  const { port, descriptor } = openSocket(t);
  const start = () =>
    startActivated(t, { descriptors: [descriptor], args: [newFolder(t), ...OPTIONS] });
  let weir = await start();
  let isAsking = true;
  let answerCount = 0;
  const asking = Array.from({ length: 4 }, async () => {
    while (isAsking) {
      assert.equal((await requestOnce(port, "/a.txt")).status, 200);
      answerCount++;
    }
  });
  for (let restart = 0; restart < 3; restart++) {
    const goal = answerCount + 20;
    while (answerCount < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await weir.stop(), 0);
    weir = await start();
  }
  isAsking = false;
  await Promise.all(asking);
});

test("weir serves on every socket that it inherits, Unix sockets among them", {
  skip,
}, async (t) => {
  const [one, other] = [openSocket(t), openSocket(t)];
  const path = join(makeTempFolder(t), "weir.sock");
  const unix = new BoundSocket({ path } as ConstructorParameters<typeof BoundSocket>[0]);
  t.after(() => unix.close());
  const weir = await startActivated(t, {
    descriptors: [one.descriptor, unix.fd(), other.descriptor],
    args: [newFolder(t), ...OPTIONS],
  });
  assert.equal(weir.url, `http://127.0.0.1:${one.port}`, weir.stderr());
  assert.match(weir.stderr(), new RegExp(`^weir: serving on unix:${path} too$`, "m"));
  assert.match(
    weir.stderr(),
    new RegExp(`^weir: serving on http://127.0.0.1:${other.port} too$`, "m"),
  );
  for (const port of [one.port, other.port]) {
    assert.equal((await requestOnce(port, "/a.txt")).status, 200);
  }
  const answer = await getOverSocket(path, "/a.txt");
  assert.deepEqual([answer.status, answer.body], [200, "content of a"]);
  assert.equal(await weir.stop(), 0);
  assert.ok(existsSync(path), "the file is that of whoever opened the socket");
});

test('a second socket of the name "admin" is the admin interface\'s', { skip }, async (t) => {
  const [site, admin] = [openSocket(t), openSocket(t)];
  const descriptors = [admin.descriptor, site.descriptor];
  const args = [newFolder(t), ...OPTIONS, "--admin", "127.0.0.1:1"];
  const weir = await startActivated(t, { descriptors, names: "admin:weir.socket", args });
  assert.equal(weir.url, `http://127.0.0.1:${site.port}`, weir.stderr());
  assert.equal((await requestOnce(site.port, "/a.txt")).status, 200);
  const answer = await fetch(`http://127.0.0.1:${admin.port}/readyz`);
  assert.equal(answer.status, 200);
  const snapshot = await (await fetch(`http://127.0.0.1:${admin.port}/api/snapshot`)).json();
  assert.match(JSON.stringify(snapshot), new RegExp(`http://127.0.0.1:${site.port}`));
  assert.equal(await weir.stop(), 0);
});

const site = "weir: cannot serve on descriptor 3: it is not a listening TCP socket";
const REFUSED: readonly [string, RegExp, (t: TestContext) => Promise<number[]>][] = [
  ["a file", new RegExp(`^${site} \\(systemd opens one`), openFile],
  ["a connection, as with Accept=yes", new RegExp(`^${site} \\(.*Accept=no`), openConnection],
];

for (const [what, line, open] of REFUSED) {
  test(`what cannot be served on is told in one line [${what}]`, { skip }, async (t) => {
    const args = [newFolder(t), ...OPTIONS];
    await assertRefused(await startActivated(t, { descriptors: await open(t), args }), line);
  });
}

test("an admin socket needs --admin, and a token where others reach it [0.0.0.0]", {
  skip,
}, async (t) => {
  const start = (host: string, ...flags: string[]) => {
    const descriptors = [openSocket(t).descriptor, openSocket(t, host).descriptor];
    return startActivated(t, {
      descriptors,
      names: "site:admin",
      args: [newFolder(t), ...OPTIONS, ...flags],
    });
  };
  const off = await start("127.0.0.1");
  await assertRefused(off, /^weir: cannot use the socket "admin": the admin interface is off/);
  const open = await start("0.0.0.0", "--admin", "127.0.0.1:0");
  await assertRefused(
    open,
    /^weir: cannot open the admin interface on the socket "admin": .*token/,
  );
});

test("sockets that are meant for another process are left alone, and the variables taken out", () => {
  const env = { LISTEN_PID: "1", LISTEN_FDS: "1", LISTEN_FDNAMES: "site", PATH: "/bin" };
  assert.deepEqual(takeInheritedSockets(env, 2), { sites: [], admin: undefined });
  assert.deepEqual(env, { PATH: "/bin" });
});

test("a number of sockets that is none is told [LISTEN_FDS=all]", () => {
  const env = { LISTEN_PID: "2", LISTEN_FDS: "all" };
  assert.throws(() => takeInheritedSockets(env, 2), /LISTEN_FDS is "all"/);
});

async function assertRefused(weir: ActivatedWeir, line: RegExp): Promise<void> {
  assert.equal(await weir.ended, 1);
  assert.match(weir.stderr(), line);
  assert.match(weir.stderr(), /^[^\n]+\n$/, "one line");
}

async function openFile(t: TestContext): Promise<number[]> {
  const path = join(makeTempFolder(t), "file");
  writeFileSync(path, "text");
  const descriptor = openSync(path, "r");
  t.after(() => closeSync(descriptor));
  return [descriptor];
}

async function openConnection(t: TestContext): Promise<number[]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  t.after(() => {
    socket.destroy();
    server.close();
  });
  return [(socket as unknown as { _handle: { fd: number } })._handle.fd];
}
