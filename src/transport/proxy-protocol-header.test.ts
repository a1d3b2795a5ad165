import assert from "node:assert/strict";
import { test } from "node:test";
import {
  binaryHeader,
  ipv4Payload,
  ipv6Payload,
  textHeader,
} from "../../test/fixtures/proxy-headers.ts";
import { PROXY_HEADER_BYTES_MAX, parseProxyHeader } from "./proxy-protocol.ts";

const REQUEST = Buffer.from("GET / HTTP/1.1\r\n\r\n", "latin1");

/** `192.0.2.1`, `proxy`, `unknown` or `wrong`; the same for every way in which the bytes may come. */
function clientOf(header: Buffer): string {
  const bytes = Buffer.concat([header, REQUEST]);
  let client: string | undefined;
  for (let here = 0; here <= bytes.length; here++) {
    const outcome = parseProxyHeader(bytes.subarray(0, here));
    if (outcome.kind === "incomplete") {
      assert.equal(client, undefined, `undecided again with ${here} bytes`);
      assert.ok(here < header.length, `still undecided with ${here} bytes`);
      continue;
    }
    const { kind } = outcome;
    const read = kind === "wrong" ? kind : clientText(outcome.client);
    assert.equal(client ?? read, read, `another outcome with ${here} bytes`);
    client = read;
    if (kind === "header") assert.equal(outcome.endOffset, header.length);
  }
  return client ?? "incomplete";
}

function clientText(client: { kind: string; address?: string }): string {
  return client.address ?? client.kind;
}

const text = (line: string) => Buffer.from(line, "latin1");
const LOOPBACK6 = "00000000000000000000000000000001";
const MAPPED = "00000000000000000000ffffc0000207";
const LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
const TLVS = Buffer.from("01000268320400040000000020000301", "hex");

const RIGHT: readonly [name: string, header: Buffer, client: string][] = [
  ["version 1, TCP4", textHeader("192.0.2.1"), "192.0.2.1"],
  ["version 1, TCP6", textHeader("2001:DB8::1"), "2001:db8::1"],
  ["version 1, TCP6 mapped", textHeader("::ffff:192.0.2.7"), "192.0.2.7"],
  [
    "version 1, TCP4 at its longest",
    text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
    "255.255.255.255",
  ],
  [
    "version 1, TCP6 at its longest",
    text(`PROXY TCP6 ${LONGEST} ${LONGEST} 65535 65535\r\n`),
    LONGEST,
  ],
  ["version 1, UNKNOWN", text("PROXY UNKNOWN\r\n"), "unknown"],
  [
    "version 1, UNKNOWN of 107 bytes",
    text(`PROXY UNKNOWN ${LONGEST} ${LONGEST} 65535 65535\r\n`),
    "unknown",
  ],
  ["version 2, TCP4", binaryHeader(), "192.0.2.1"],
  ["version 2, TCP6", binaryHeader({ family: 0x21, payload: ipv6Payload(LOOPBACK6) }), "::1"],
  [
    "version 2, TCP6 mapped",
    binaryHeader({ family: 0x21, payload: ipv6Payload(MAPPED) }),
    "192.0.2.7",
  ],
  [
    "version 2 with TLVs",
    binaryHeader({ payload: Buffer.concat([ipv4Payload("192.0.2.1"), TLVS]) }),
    "192.0.2.1",
  ],
  [
    "version 2 as long as may be",
    binaryHeader({
      payload: Buffer.concat([ipv4Payload("192.0.2.1"), Buffer.alloc(PROXY_HEADER_BYTES_MAX - 28)]),
    }),
    "192.0.2.1",
  ],
  ["version 2, LOCAL", binaryHeader({ command: 0x20, family: 0, payload: text("") }), "proxy"],
  ["version 2, LOCAL with addresses", binaryHeader({ command: 0x20 }), "proxy"],
  ["version 2, LOCAL of any family", binaryHeader({ command: 0x20, family: 0x31 }), "proxy"],
  ["version 2, UNSPEC", binaryHeader({ family: 0, payload: text("") }), "unknown"],
  ["version 2, UNSPEC with TLVs", binaryHeader({ family: 0, payload: TLVS }), "unknown"],
];

for (const [name, header, client] of RIGHT) {
  test(`${name}: the client is ${client}, from however few bytes at a time`, () => {
    assert.equal(clientOf(header), client);
  });
}

const WRONG: readonly [name: string, header: Buffer][] = [
  ["a request", REQUEST],
  ["TLS", Buffer.from("160301020001", "hex")],
  ["small letters", text("proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n")],
  ["two spaces", text("PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n")],
  ["a space at the end", text("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n")],
  ["no ports", text("PROXY TCP4 192.0.2.1 198.51.100.1\r\n")],
  ["one port", text("PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n")],
  ["a port too large", text("PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n")],
  ["a port with a zero before it", text("PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n")],
  ["a port with a sign", text("PROXY TCP4 192.0.2.1 198.51.100.1 +1 2\r\n")],
  ["an address that is none", text("PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n")],
  ["IPv6 as TCP4", text("PROXY TCP4 ::1 ::1 1 2\r\n")],
  ["IPv4 as TCP6", text("PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n")],
  ["brackets", text("PROXY TCP6 [::1] [::1] 1 2\r\n")],
  ["another family", text("PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n")],
  ["a word that begins with UNKNOWN", text("PROXY UNKNOWNS\r\n")],
  ["an LF alone", text("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n")],
  ["a CR alone", text("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\rGET")],
  ["a line of 108 bytes", text(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`)],
  ["a line without an end", text(`PROXY UNKNOWN ${"x".repeat(200)}`)],
  ["a signature that is not quite one", binaryHeader({ signature: text("\r\n\r\n\0\r\nQUIT\r") })],
  ["version 1 in binary", binaryHeader({ command: 0x11 })],
  ["version 3", binaryHeader({ command: 0x31 })],
  ["an unknown command", binaryHeader({ command: 0x22 })],
  ["UDP", binaryHeader({ family: 0x12 })],
  ["a socket of files", binaryHeader({ family: 0x31, payload: Buffer.alloc(216) })],
  ["TCP4 with 11 bytes of addresses", binaryHeader({ payload: Buffer.alloc(11) })],
  ["TCP6 with the addresses of TCP4", binaryHeader({ family: 0x21 })],
  ["no addresses", binaryHeader({ payload: text("") })],
  ["a length of 65535", binaryHeader({ lengthBytes: 65_535 })],
];

for (const [name, header] of WRONG) {
  test(`${name} is no header, and is known as none before it could be one`, () => {
    assert.equal(clientOf(header), "wrong");
  });
}

test("what cannot be a header is wrong at its first byte [GET]", () => {
  assert.equal(parseProxyHeader(Buffer.from("G")).kind, "wrong");
  assert.equal(parseProxyHeader(Buffer.from("PROXY TCP4 x\n")).kind, "wrong");
  assert.equal(parseProxyHeader(Buffer.alloc(0)).kind, "incomplete");
});
