// Python's own HTTP clients: http.client on a kept connection, and urllib with its conditions and ranges.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { LARGE_BYTES, writeSampleTree } from "./sample-tree.ts";

const PROGRAM = `
import hashlib, http.client, json, sys, urllib.error, urllib.parse, urllib.request

port, large_bytes = int(sys.argv[1]), int(sys.argv[2])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
sockets = set()

def ask(method, path, headers={}):
    connection.request(method, path, headers=headers)
    sockets.add(connection.sock.getsockname())
    answer = connection.getresponse()
    return answer, answer.read()

answer, body = ask("GET", "/a.txt")
assert (answer.status, body) == (200, b"a\\n"), (answer.status, body)
tag, modified = answer.getheader("ETag"), answer.getheader("Last-Modified")
assert ask("GET", "/a.txt", {"If-None-Match": tag})[0].status == 304
assert ask("GET", "/a.txt", {"If-Modified-Since": modified})[0].status == 304
head, nothing = ask("HEAD", "/large.bin")
assert (head.status, int(head.getheader("Content-Length")), nothing) == (200, large_bytes, b"")
assert ask("GET", "/none")[0].status == 404
first, a = ask("GET", "/large.bin", {"Range": "bytes=0-999999"})
rest, b = ask("GET", "/large.bin", {"Range": "bytes=1000000-", "If-Range": first.getheader("ETag")})
whole = ask("GET", "/large.bin")[1]
assert (first.status, rest.status) == (206, 206) and a + b == whole
assert ask("GET", "/large.bin", {"Range": f"bytes={large_bytes}-"})[0].status == 416
for name in ["with space & more.txt", "100% #1?.txt", "gr\\u00fcn.txt"]:
    assert ask("GET", "/" + urllib.parse.quote(name))[0].status == 200, name
listing, text = ask("GET", "/", {"Accept": "application/json"})
entries = {entry["name"] for entry in json.loads(text)["entries"]}
assert "100% #1?.txt" in entries and "docs" in entries, entries
# All of it on one connection.
assert len(sockets) == 1, sockets
assert ask("POST", "/a.txt")[0].status == 405
assert ask("GET", "/a.txt")[0].status == 200

base = f"http://127.0.0.1:{port}"
with urllib.request.urlopen(base + "/docs") as answer:
    assert answer.geturl() == base + "/docs/" and answer.status == 200
try:
    urllib.request.urlopen(urllib.request.Request(base + "/a.txt", headers={"If-None-Match": tag}))
    raise AssertionError("304 expected")
except urllib.error.HTTPError as error:
    assert error.code == 304
print(hashlib.sha256(whole).hexdigest())
`;

test("http.client and urllib: one connection, conditions, ranges, names, a redirect", async (t) => {
  const python = requireProgram(t, "python3", "python3");
  if (python === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  writeSampleTree(dir);
  writeFileSync(join(folder, "client.py"), PROGRAM);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--idle-timeout", "1m"] });
  const args = ["client.py", String(weir.port), String(LARGE_BYTES)];
  const output = await runClient(python, args, folder);
  assert.match(output.toString(), /^[0-9a-f]{64}\n$/);
});
