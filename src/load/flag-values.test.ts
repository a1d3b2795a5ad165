import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseCount,
  parseLoadHeaders,
  parseLoadSources,
  parseLoadStages,
  parseRatePerSecond,
  parseSpan,
} from "./flag-values.ts";

test("a rate alone has no end, and stages follow each other", () => {
  assert.deepEqual(parseLoadStages("500/s"), [{ durationMs: undefined, ratePerSecond: 500 }]);
  assert.deepEqual(parseLoadStages("30s@50/s, 1m@12000/m"), [
    { durationMs: 30_000, ratePerSecond: 50 },
    { durationMs: 60_000, ratePerSecond: 200 },
  ]);
  assert.deepEqual([parseRatePerSecond("0.5/s"), parseRatePerSecond("1800/h")], [0.5, 0.5]);
  assert.deepEqual([parseRatePerSecond("500"), parseRatePerSecond("900/15m")], [500, 1]);
  assert.deepEqual([parseRatePerSecond("86400/d"), parseRatePerSecond("10/10s")], [1, 1]);
  assert.deepEqual([parseSpan("10s"), parseSpan("10"), parseSpan("0.25")], [10_000, 10_000, 250]);
  assert.deepEqual(parseLoadStages("30@50"), [{ durationMs: 30_000, ratePerSecond: 50 }]);
});

for (const [text, allowed] of [
  ["0", "give a rate such as 500/s"],
  ["10/0s", "give a rate such as 500/s"],
  ["1e999/s", "give a rate such as 500/s"],
  ["NaN", "give a rate such as 500/s"],
  ["٥٠٠/s", "give a rate such as 500/s"],
  ["0/s", "give a rate such as 500/s"],
  ["1000001/s", "at most 1000000/s"],
  ["-1/s", "give a rate such as 500/s"],
  ["fast", "give a rate such as 500/s"],
  ["", "give a rate such as 500/s"],
  ["30s@50/s,200/s", "give each stage as DURATION@RATE"],
  ["50/s,200/s", "give each stage as DURATION@RATE"],
  ["30s@50/s@1", "give each stage as DURATION@RATE"],
  ["30x@50/s", "give a duration such as 500ms"],
  ["0s@50/s", "give a duration of at least 1ms"],
] as const) {
  test(`a rate is refused with what is allowed (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseLoadStages(text), {
      name: "UsageError",
      message: new RegExp(allowed.replaceAll("/", "\\/")),
    });
  });
}

test("a time of 0 is refused", () => {
  assert.throws(() => parseSpan("0"), { message: "give a duration of at least 1ms" });
});

for (const [text, count] of [
  ["1", 1],
  ["10k", 10_000],
  ["10K", 10_000],
  ["1.5k", 1500],
  ["1.1k", 1100],
  ["2M", 2_000_000],
  ["1e6", 1_000_000],
  ["1_000_000", 1_000_000],
] as const) {
  test(`a count is read (${text})`, () => assert.equal(parseCount(text, 1_000_000_000), count));
}

for (const text of ["", "0", "-1", "0.5", "1.0001k", "1kk", "k", "NaN", "1e10", "2G", "١٠", "_1"]) {
  test(`a count is refused with what is allowed (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseCount(text, 1_000_000_000), {
      name: "UsageError",
      message: "give a whole number from 1 to 1000000000",
    });
  });
}

test("fields are read one a line, with the space around the value taken off", () => {
  assert.deepEqual(parseLoadHeaders("Accept:text/html \nX-A:  b: c\nX-Empty:"), [
    "Accept: text/html",
    "X-A: b: c",
    "X-Empty: ",
  ]);
});

for (const text of ["", "Accept", "X A: b", ": b", "X-A: b\rX-B: c", "X-A: \u20ac", "X-A: b\n"]) {
  test(`what is no field is refused (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseLoadHeaders(text), { message: /^give a name, a colon and a value/ });
  });
}

test("fields that decide about the body and the connection are refused", () => {
  for (const name of ["Content-Length", "transfer-encoding", "Connection"]) {
    assert.throws(() => parseLoadHeaders(`${name}: 1`), {
      message: new RegExp(`leave ${name} out`),
    });
  }
});

test("addresses, ranges and networks stand beside each other, each address once", () => {
  assert.deepEqual(parseLoadSources("127.0.0.9,::1,127.0.0.1-127.0.0.2, 127.0.0.1/31"), [
    "127.0.0.9",
    "::1",
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.0",
  ]);
});

test("a network is all its addresses, whichever of them names it", () => {
  assert.deepEqual(parseLoadSources("192.168.1.5/30"), parseLoadSources("192.168.1.4/30"));
  assert.equal(parseLoadSources("127.0.16.0/20").length, 4096);
  assert.deepEqual(parseLoadSources("255.255.255.255/32"), ["255.255.255.255"]);
});

for (const [text, allowed] of [
  ["127.0.0.0/8", /give a network of \/20 to \/32/],
  ["127.0.0.0/33", /give a network such as 127/],
  ["127.0.0.0/x", /give a network such as 127/],
  ["127.0.0.0/", /give a network such as 127/],
  ["127.0.0/24", /give a network such as 127/],
  ["::1/128", /give a network such as 127/],
  ["127.0.0.0/28/1", /give a network such as 127/],
  ["300.1.1.1", /give IP addresses separated by commas/],
] as const) {
  test(`what is no source is refused (${text})`, () => {
    assert.throws(() => parseLoadSources(text), { name: "UsageError", message: allowed });
  });
}

const sourceLists: [string, string[]][] = [
  ["127.0.0.1", ["127.0.0.1"]],
  ["127.0.0.1, ::1", ["127.0.0.1", "::1"]],
  ["127.0.0.254-127.0.1.1", ["127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"]],
  ["10.0.0.1-10.0.0.1", ["10.0.0.1"]],
  ["255.255.255.254-255.255.255.255", ["255.255.255.254", "255.255.255.255"]],
  ["127.0.0.1,127.0.0.1-127.0.0.2", ["127.0.0.1", "127.0.0.2"]],
];

const noSourceLists: [string, RegExp][] = [
  ["", /^give IP addresses separated by commas/],
  ["localhost", /^give IP addresses/],
  ["127.0.0.1,", /^give IP addresses/],
  ["127.0.0.1-20", /^give IP addresses/],
  ["::1-::5", /^give IP addresses/],
  ["127.0.0.1-127.0.0.2-127.0.0.3", /^give IP addresses/],
  ["127.0.0.9-127.0.0.1", /lower address first: 127.0.0.1-127.0.0.9$/],
  ["0.0.0.0-255.255.255.255", /at most 4096/],
  ["127.0.0.0-127.0.9.0,127.1.0.0-127.1.9.0", /at most 4096/],
];

for (const [text, addresses] of sourceLists) {
  test(`sources are read [${text}]`, () => {
    assert.deepEqual(parseLoadSources(text), addresses);
  });
}

for (const [text, why] of noSourceLists) {
  test(`sources are refused with what is allowed [${JSON.stringify(text)}]`, () => {
    assert.throws(() => parseLoadSources(text), { name: "UsageError", message: why });
  });
}
