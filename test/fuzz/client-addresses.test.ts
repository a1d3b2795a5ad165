// Random input for everything that decides who a client is: addresses, what proxies write, and the
// header of the PROXY protocol. It never throws, takes no longer than its input is long, and what a
// trusted proxy put behind a forged text is read as if nothing stood before it. Repeat a run with
// WEIR_FUZZ_SEED, make it longer with WEIR_FUZZ_CASES.

import assert from "node:assert/strict";
import { isIP, SocketAddress } from "node:net";
import { type TestContext, test } from "node:test";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../../src/base/ip-address.ts";
import {
  findForwardedClient,
  type HopReader,
  readForwardedHop,
  readXForwardedForHop,
} from "../../src/clients/forwarded.ts";
import { PROXY_HEADER_BYTES_MAX, parseProxyHeader } from "../../src/transport/proxy-protocol.ts";
import { binaryHeader, ipv4Payload, textHeader } from "../fixtures/proxy-headers.ts";
import { makeForgedValue } from "./forged-fields.ts";
import { chooseCaseCount, chooseSeed, RandomNumbers } from "./random-numbers.ts";

const CASES_USUAL = 50_000;

interface Fuzz {
  readonly random: RandomNumbers;
  readonly caseCount: number;
}

function begin(t: TestContext): Fuzz {
  const seed = chooseSeed(process.env);
  const caseCount = chooseCaseCount(process.env, CASES_USUAL);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed} WEIR_FUZZ_CASES=${caseCount}`);
  return { random: new RandomNumbers(seed), caseCount };
}

/** Mostly right, so that some of it is an address. */
function randomAddressText(random: RandomNumbers): string {
  if (random.below(4) === 0) {
    return Array.from({ length: 4 }, () => random.below(300)).join(".");
  }
  const parts = ["0", "0", "0", "1", "ffff", "db8", "", "1.2.3.4", "00001", "g"];
  return Array.from({ length: 1 + random.below(9) }, () => random.oneOf(parts)).join(":");
}

test("what is an address, and how it is written, agrees with Node's own", (t) => {
  const { random, caseCount } = begin(t);
  let readCount = 0;
  for (let left = caseCount; left > 0; left--) {
    const text = randomAddressText(random);
    const address = parseIpAddress(text);
    assert.equal(address !== undefined, isIP(text) !== 0, text);
    if (address === undefined) continue;
    readCount++;
    const formatted = formatIpAddress(address);
    assert.deepEqual(parseIpAddress(formatted), address, text);
    if (address.family === "ipv4") continue;
    // inet_ntop writes IPv4 behind 96 zero bits with dots, which RFC 5952 §5 leaves open.
    const own = new SocketAddress({ address: text, family: "ipv6" }).address;
    if (!own.includes(".")) assert.equal(formatted, own);
  }
  // Both must happen often, or the fuzzer tests nothing.
  assert.ok(readCount > caseCount / 20 && readCount < caseCount / 2, `${readCount} read`);
});

const isTrusted = ({ groups }: IpAddress) => groups[0] === 10 * 256;

function clientOf(text: string, readHop: HopReader): string {
  const { address, isNamed } = findForwardedClient(text, readHop, isTrusted);
  return `${isNamed} ${address && formatIpAddress(address)}`;
}

/** As a proxy would quote what a client wrote (RFC 9110 §5.6.4). */
function quoteText(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

test("what a proxy put behind a forged text is read as if nothing stood before it", (t) => {
  const { random, caseCount } = begin(t);
  for (let left = caseCount; left > 0; left--) {
    const isForwarded = random.below(2) === 0;
    const readHop = isForwarded ? readForwardedHop : readXForwardedForHop;
    const forged = makeForgedValue(random, isForwarded);
    const host = quoteText(makeForgedValue(random, isForwarded));
    const own = isForwarded
      ? random.oneOf([`host=${host};for="[2001:db8::1]:80"`, `for="[2001:db8::1]";host=${host}`])
      : "[2001:db8::1]:80";
    assert.equal(clientOf(`${forged}, ${own}`, readHop), "true 2001:db8::1", forged);
    // A trusted proxy behind it, and the text is reached: whatever it says, it is read to an end.
    clientOf(`${forged}, ${isForwarded ? "for=10.0.0.1" : "10.0.0.1"}`, readHop);
  }
});

/** What could make a reader go back and forth; four megabytes, a hundred times what a head may have. */
const LONG_PARTS = [
  ",",
  ", ",
  " ",
  "\t,",
  '"',
  '""',
  '","',
  "\\",
  '\\"',
  '"\\',
  ";",
  "a=b;",
  "for=",
  "for=10.0.0.1,",
  "10.0.0.1,",
  '"10.0.0.1",',
  "[",
  "[::",
  ":",
  "::",
  "1.",
  "a",
];
const LONG_BYTES = 4_000_000;
const LONG_ENDS = ["", '"', ',for=10.0.0.1;x="', ", 10.0.0.1", '", for="10.0.0.1"'];

test(`the time grows with the text alone [${LONG_PARTS.length * LONG_ENDS.length} texts of 4 MB; else this takes hours]`, () => {
  for (const part of LONG_PARTS) {
    const text = part.repeat(LONG_BYTES / part.length);
    for (const end of LONG_ENDS) {
      clientOf(text + end, readForwardedHop);
      clientOf(text + end, readXForwardedForHop);
    }
    parseIpAddress(text);
  }
});

/** A header with some bytes changed, left out or put in, and some bytes behind it. */
function randomHeader(random: RandomNumbers): Buffer {
  const payload = Buffer.concat([ipv4Payload("192.0.2.1"), Buffer.alloc(random.below(3) * 40, 7)]);
  const header = random.oneOf([
    textHeader("192.0.2.1"),
    textHeader("2001:db8::1"),
    Buffer.from("PROXY UNKNOWN\r\n"),
    binaryHeader({ payload }),
    binaryHeader({ command: 0x20, family: 0, payload: Buffer.alloc(random.below(20)) }),
    binaryHeader({ family: 0x21, payload: Buffer.alloc(36 + random.below(20), 9) }),
  ]);
  const bytes = [...header, ...Buffer.from("GET / HTTP/1.1\r\n\r\n")];
  for (let changes = random.below(3); changes > 0; changes--) {
    const at = random.below(bytes.length);
    const byte = random.oneOf([random.below(256), 0x0d, 0x0a, 0x20, 0]);
    bytes.splice(at, random.below(2), ...(random.below(3) === 0 ? [] : [byte]));
  }
  return Buffer.from(bytes);
}

test("a header is the same header from however many bytes, and a wrong one stays wrong", (t) => {
  const { random, caseCount } = begin(t);
  const counts = { header: 0, wrong: 0, incomplete: 0 };
  for (let left = caseCount; left > 0; left--) {
    const bytes = randomHeader(random);
    const whole = parseProxyHeader(bytes);
    counts[whole.kind]++;
    const cut = random.below(bytes.length + 1);
    const part = parseProxyHeader(bytes.subarray(0, cut));
    if (part.kind !== "incomplete") assert.deepEqual(part, whole, bytes.toString("latin1"));
    if (whole.kind === "header") {
      const { endOffset } = whole;
      assert.ok(endOffset <= Math.min(bytes.length, PROXY_HEADER_BYTES_MAX));
      if (cut >= endOffset) assert.equal(part.kind, "header");
      else assert.equal(part.kind, "incomplete", bytes.toString("latin1"));
    }
  }
  assert.ok(Math.min(counts.header, counts.wrong) > caseCount / 10, JSON.stringify(counts));
});

test("nothing stays undecided for longer than a header may be [4096 bytes]", (t) => {
  const { random } = begin(t);
  for (let left = 2000; left > 0; left--) {
    const filling = random.oneOf([0x20, 0x41, 0x0d, 0x00, 0xff]);
    const rest = Buffer.alloc(PROXY_HEADER_BYTES_MAX, filling);
    const bytes = Buffer.concat([randomHeader(random), rest]);
    assert.notEqual(parseProxyHeader(bytes).kind, "incomplete");
  }
});
