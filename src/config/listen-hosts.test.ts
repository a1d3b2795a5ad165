import assert from "node:assert/strict";
import { test } from "node:test";
import { type ListenHost, parseListenHosts } from "./listen-hosts.ts";
import { UsageError } from "./usage-error.ts";

const skip = process.platform === "win32" && "there are no Unix sockets";
const address = (host: string): ListenHost => ({ kind: "address", host });
const unix = (path: string): ListenHost => ({ kind: "unix", path });

const READ: readonly [string, ListenHost[]][] = [
  ["localhost", [address("localhost")]],
  ["127.0.0.1,[::1]", [address("127.0.0.1"), address("::1")]],
  [" 127.0.0.1 , ::1 ", [address("127.0.0.1"), address("::1")]],
  ["127.0.0.1\n127.0.0.2,127.0.0.1", [address("127.0.0.1"), address("127.0.0.2")]],
  ["unix:/run/weir.sock", [unix("/run/weir.sock")]],
  ["unix:///run/weir.sock", [unix("/run/weir.sock")]],
  ["unix:weir.sock\nUNIX:./weir.sock", [unix("/base/weir.sock")]],
  ["unix:../a b:1.sock,::", [unix("/a b:1.sock"), address("::")]],
  [`unix:/${"x".repeat(102)}`, [unix(`/${"x".repeat(102)}`)]],
];

for (const [text, hosts] of READ) {
  test(`hosts are read [${JSON.stringify(text.slice(0, 40))}]`, { skip }, () => {
    assert.deepEqual(parseListenHosts(text, "/base"), hosts);
  });
}

const REFUSED: readonly [string, RegExp][] = [
  ["", /^give a host name or an IP address/],
  ["127.0.0.1,", /^give a host name or an IP address/],
  ["127.0.0.1:8001", /^leave the port out/],
  ["unix:", /^give the path of a socket's file/],
  ["unix:/run/", /^give the path of a socket's file/],
  ["unix:/a\0b", /^give the path of a socket's file/],
  [`unix:/${"x".repeat(107)}`, /^the path of a socket has at most \d+ bytes, and this one has 108/],
  [`unix:/${"é".repeat(54)}`, /has 109/],
  [Array(33).fill("::1").join(","), /^give at most 32 hosts/],
];

for (const [text, message] of REFUSED) {
  test(`what is no host is refused [${JSON.stringify(text.slice(0, 40))}]`, { skip }, () => {
    assert.throws(
      () => parseListenHosts(text, "/base"),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}
