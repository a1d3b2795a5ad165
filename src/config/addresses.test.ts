import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ListenHost,
  parseAddressBlocks,
  parseListenHosts,
  parseProxyBlocks,
} from "./addresses.ts";
import { UsageError } from "./usage-error.ts";

/** `10.0.0.0/8 ::1/128`. */
function read(text: string): string {
  return parseAddressBlocks(text)
    .map(({ address, family, prefixBits }) => {
      assert.equal(family, address.includes(":") ? "ipv6" : "ipv4");
      return `${address}/${prefixBits}`;
    })
    .join(" ");
}

const PRIVATE = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 169.254.0.0/16 fe80::/10";

const LISTS: readonly [text: string, blocks: string][] = [
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["127.0.0.1", "127.0.0.1/32"],
  ["::1", "::1/128"],
  ["FD00::/8", "fd00::/8"],
  ["2001:0db8:0:0::/32", "2001:db8::/32"],
  ["10.0.0.0/8, 192.168.0.0/16 ,::1", "10.0.0.0/8 192.168.0.0/16 ::1/128"],
  ["0.0.0.0/0,::/0", "0.0.0.0/0 ::/0"],
  ["64:ff9b::/96", "64:ff9b::/96"],
  ["local", "127.0.0.0/8 ::1/128"],
  ["localhost", "127.0.0.0/8 ::1/128"],
  ["private", PRIVATE],
  ["Local, private ,192.0.2.7", `127.0.0.0/8 ::1/128 ${PRIVATE} 192.0.2.7/32`],
];

for (const [text, blocks] of LISTS) {
  test(`${text} is ${blocks}`, () => {
    assert.equal(read(text), blocks);
  });
}

const REFUSED: readonly [text: string, why: RegExp][] = [
  ["", /^give addresses or blocks/],
  ["10.0.0.0/8,", /^give addresses or blocks/],
  ["10.0.0/8", /^give addresses or blocks/],
  ["10.0.0.0/33", /^give the prefix as a number from 0 to 32: 10\.0\.0\.0\/32$/],
  ["10.0.0.0/-1", /^give the prefix as a number from 0 to 32: /],
  ["10.0.0.0/", /^give the prefix as a number from 0 to 32: /],
  ["10.0.0.0/255.0.0.0", /^give the prefix as a number from 0 to 32: /],
  ["fd00::/129", /^give the prefix as a number from 0 to 128: fd00::\/128$/],
  ["10.0.0.0/٨", /^give the prefix as a number from 0 to 32: /],
  ["10.0.0.0/08", /^give the prefix as a number from 0 to 32: /],
  ["10.0.0.0/8/8", /^give addresses or blocks/],
  ["010.0.0.0/8", /^give addresses or blocks/],
  ["::/129", /^give the prefix as a number from 0 to 128: /],
  ["fe80::1%eth0", /^give addresses or blocks/],
  ["[::1]", /^give addresses or blocks/],
  ["locale", /^give addresses or blocks/],
  ["local/8", /^give addresses or blocks/],
  ["public", /^give addresses or blocks/],
  [
    "10.0.0.1/8",
    /^10\.0\.0\.1\/8 has bits behind its prefix: write 10\.0\.0\.0\/8 .* 10\.0\.0\.1 /,
  ],
  ["2001:db8::1/64", /write 2001:db8::\/64 for the block/],
  ["::ffff:10.0.0.1", /^write IPv4 as such: 10\.0\.0\.1, not ::ffff:10\.0\.0\.1/],
  ["::ffff:a00:1", /^write IPv4 as such: 10\.0\.0\.1/],
  ["0:0:0:0:0:ffff:10.0.0.1/128", /^write IPv4 as such/],
  ["::ffff:0:0/96", /^write IPv4 as such/],
  [Array(1001).fill("10.0.0.1").join(","), /^give at most 1000 blocks/],
];

for (const [text, why] of REFUSED) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused, and it is said why`, () => {
    assert.throws(
      () => parseAddressBlocks(text),
      (error) => error instanceof UsageError && why.test(error.message),
    );
  });
}

test("blocks are frozen", () => {
  const blocks = parseAddressBlocks("10.0.0.0/8");
  assert.ok(Object.isFrozen(blocks) && Object.isFrozen(blocks[0]));
});

test("proxies on this machine may be named by a word, and no network may [local, private]", () => {
  assert.deepEqual(parseProxyBlocks("local,10.0.0.5"), parseAddressBlocks("local,10.0.0.5"));
  for (const text of ["private", "10.0.0.5, Private"]) {
    assert.throws(
      () => parseProxyBlocks(text),
      /^UsageError: name the proxies themselves, such as 10/,
    );
  }
});

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

const REFUSED_HOSTS: readonly [string, RegExp][] = [
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

for (const [text, message] of REFUSED_HOSTS) {
  test(`what is no host is refused [${JSON.stringify(text.slice(0, 40))}]`, { skip }, () => {
    assert.throws(
      () => parseListenHosts(text, "/base"),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}
