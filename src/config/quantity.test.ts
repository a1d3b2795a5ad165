import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseAddressOrOff,
  parseDuration,
  parseExtensions,
  parseHost,
  parseIntegerOrOff,
  parseOneOf,
  parsePath,
  parsePort,
  parsePositiveInteger,
  parseSeconds,
  parseSwitch,
} from "./quantity.ts";
import { UsageError } from "./usage-error.ts";

interface Table<T> {
  readonly of: string;
  readonly parse: (text: string) => T;
  readonly accepted: readonly (readonly [text: string, value: T])[];
  readonly refused: readonly (readonly [text: string, why: RegExp])[];
}

function testTable<T>({ of, parse, accepted, refused }: Table<T>): void {
  for (const [text, value] of accepted) {
    test(`${of} takes ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), value));
  }
  for (const [text, why] of refused) {
    test(`${of} refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parse(text), { name: UsageError.name, message: why });
    });
  }
}

const portRange = /^give a number from 0 to 65535$/;
testTable({
  of: "parsePort",
  parse: parsePort,
  accepted: [
    ["0", 0],
    ["8001", 8001],
    ["65535", 65535],
  ],
  refused: [
    ["65536", portRange],
    ["-1", portRange],
    ["80.5", portRange],
    ["1e3", portRange],
    ["0x50", portRange],
    [" 80", portRange],
    ["80\n", portRange],
    ["", portRange],
    ["99999999999999999999", portRange],
  ],
});

testTable({
  of: "parsePositiveInteger",
  parse: (text) => parsePositiveInteger(text, 64),
  accepted: [
    ["1", 1],
    ["064", 64],
  ],
  refused: [
    ["0", /^give a whole number from 1 to 64$/],
    ["65", /from 1 to 64/],
    ["off", /from 1 to 64/],
  ],
});

testTable({
  of: "parseIntegerOrOff",
  parse: (text) => parseIntegerOrOff(text, 9),
  accepted: [
    ["off", undefined],
    ["9", 9],
  ],
  refused: [
    ["0", /^give a whole number from 1 to 9, or off$/],
    ["OFF", /or off/],
  ],
});

testTable({
  of: "parseDuration",
  parse: parseDuration,
  accepted: [
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["5s", 5000],
    ["0.5s", 500],
    ["1.1s", 1100],
    ["1m", 60_000],
    ["2h", 7_200_000],
    ["24h", 86_400_000],
    ["1d", 86_400_000],
    ["2m30s", 150_000],
    ["1m30s", 90_000],
    ["1h 30m", 5_400_000],
    ["1m1.5s", 61_500],
    ["5 s", 5000],
    ["5sec", 5000],
    ["5 seconds", 5000],
    ["2Min", 120_000],
  ],
  refused: [
    ["5", /^add a unit: 5ms, 5s, 5m or 5h$/],
    ["0.25", /^add a unit: 0.25ms/],
    ["0.5ms", /smallest step is 1ms/],
    ["25h", /at most 24h/],
    ["999999999999999999999h", /at most 24h/],
    ["-5s", /^give a duration such as/],
    ["30s1m", /^give a duration such as/],
    ["1m1m", /^give a duration such as/],
    ["1.5m30s", /^give a duration such as/],
    ["1d1ms", /at most 24h/],
    ["5M", /^give a duration such as/],
    [" 5s", /^give a duration such as/],
    ["1m30", /^give a duration such as/],
    ["5weeks", /^give a duration such as/],
    ["9".repeat(5000), /^add a unit/],
    ["1s".repeat(5000), /^give a duration such as/],
    ["s", /^give a duration such as/],
    ["5S", /^give a duration such as/],
    ["", /^give a duration such as/],
  ],
});

testTable({
  of: "parseSeconds",
  parse: parseSeconds,
  accepted: [
    ["0", 0],
    ["0.25", 250],
    ["2", 2000],
    ["250ms", 250],
  ],
  refused: [
    ["fast", /^give seconds such as 0.25/],
    ["-1", /^give seconds/],
    ["1x", /^give a duration/],
    ["0.0001", /smallest step/],
  ],
});

const listHint = /^give extensions separated by commas/;
testTable({
  of: "parseExtensions",
  parse: parseExtensions,
  accepted: [
    ["all", undefined],
    ["html", ["html"]],
    [".HTML, .Png", ["html", "png"]],
    ["png,png", ["png"]],
    ["*.html, *.PNG,.png", ["html", "png"]],
    ["tög", ["tög"]],
  ],
  refused: [
    ["", listHint],
    ["html,,png", listHint],
    ["html,", listHint],
    [".", listHint],
    ["a/b", listHint],
    ["a\\b", listHint],
    ["tar.gz", /^give what follows the last dot of a name: gz$/],
    ["html,*.tar.gz", /: gz$/],
    ["text/html", /^give extensions such as html,png, not media types$/],
    ["png,image/*", /not media types$/],
    ["html,all", /^give "all" alone, or extensions$/],
    ["*", /^give "all" alone/],
    ["*.", listHint],
    ["**.png", listHint],
    ["html png", listHint],
  ],
});

testTable({
  of: "parseOneOf",
  parse: (text) => parseOneOf(text, ["inside", "follow", "deny"]),
  accepted: [["deny", "deny"]],
  refused: [
    ["Deny", /^give inside, follow or deny$/],
    ["", /inside, follow or deny/],
  ],
});

testTable({
  of: "parseHost",
  parse: parseHost,
  accepted: [
    ["127.0.0.1", "127.0.0.1"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["localhost", "localhost"],
    ["my_service", "my_service"],
    ["a.example.org", "a.example.org"],
  ],
  refused: [
    ["http://localhost", /leave the scheme out/],
    ["localhost:80", /leave the port out/],
    ["[::1]:80", /leave the port out/],
    ["999.1.1.1", /host name or an IP address/],
    ["1.2.3", /host name or an IP address/],
    ["a b", /host name or an IP address/],
    ["-a", /host name or an IP address/],
    ["*", /host name or an IP address/],
    ["a..b", /host name or an IP address/],
    [`${"a".repeat(64)}.org`, /host name or an IP address/],
    ["a.".repeat(127).concat("org"), /host name or an IP address/],
    ["", /host name or an IP address/],
  ],
});

testTable({
  of: "parseSwitch",
  parse: parseSwitch,
  accepted: [
    ...["1", "true", "on", "yes", "TRUE"].map((text) => [text, true] as const),
    ...["0", "false", "off", "no", "No"].map((text) => [text, false] as const),
  ],
  refused: [
    ["2", /^give on or off, true or false, or 1 or 0$/],
    ["", /give on or off/],
  ],
});

testTable({
  of: "parsePath",
  parse: parsePath,
  accepted: [
    ["-", "-"],
    ["a b/c", "a b/c"],
  ],
  refused: [
    ["", /path of a file or folder/],
    ["a\0b", /path of a file or folder/],
  ],
});

test("parseHost answers a long name of dots and letters at once (no backtracking)", () => {
  const name = `${"a-".repeat(100_000)}!`;
  assert.throws(() => parseHost(name), UsageError);
});

const addressForm = /^give HOST:PORT, such as 127\.0\.0\.1:8002 or \[::1\]:8002, or off$/;
testTable({
  of: "parseAddressOrOff",
  parse: parseAddressOrOff,
  accepted: [
    ["off", undefined],
    ["127.0.0.1:8002", { host: "127.0.0.1", port: 8002 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["stats.example:80", { host: "stats.example", port: 80 }],
  ],
  refused: [
    ["", addressForm],
    ["8002", addressForm],
    ["::1:8002", addressForm],
    [":8002", addressForm],
    ["127.0.0.1:", addressForm],
    ["127.0.0.1:65536", portRange],
    ["300.0.0.1:80", /host name or an IP address/],
  ],
});
