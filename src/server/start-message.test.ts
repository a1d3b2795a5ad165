import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import {
  chooseSharedUrl,
  formatBanner,
  formatReadyLine,
  type StartFacts,
} from "./start-message.ts";

const FACTS: StartFacts = {
  rootDir: "/srv/public",
  address: { host: "::", port: 8001 },
  host: undefined,
  threadCount: 4,
  rate: "5/s",
  networkAddresses: ["192.0.2.7", "198.51.100.7"],
  adminUrl: undefined,
};
const ADMIN_URL = "http://127.0.0.1:8002/";

/** The labels of the banner's rows, from the top. */
function labelsOf(banner: string): string[] {
  return Array.from(banner.matchAll(/^ {2}([A-Z]\w+) {2,}/gm), ([, label = ""]) => label);
}

test("the banner has a row for the dashboard behind the addresses, if there is one", () => {
  const banner = formatBanner({ ...FACTS, adminUrl: ADMIN_URL }, false);
  assert.match(banner, /^ {2}Dashboard {2}http:\/\/127\.0\.0\.1:8002\/$/m);
  const labels = ["Local", "Network", "Network", "Dashboard", "Limit", "Threads"];
  assert.deepEqual(labelsOf(banner), labels);
  const without = labels.filter((label) => label !== "Dashboard");
  assert.deepEqual(labelsOf(formatBanner(FACTS, false)), without);
  const oneHost = { ...FACTS, host: "127.0.0.1", adminUrl: ADMIN_URL };
  assert.deepEqual(labelsOf(formatBanner(oneHost, false)).slice(0, 2), ["Address", "Dashboard"]);
});

test("colours change no character, and the dashboard's address has that of the others", () => {
  const facts = { ...FACTS, adminUrl: ADMIN_URL };
  const coloured = formatBanner(facts, true);
  assert.ok(coloured.includes(`\x1b[36m${ADMIN_URL}\x1b[39m`));
  assert.equal(stripVTControlCharacters(coloured), formatBanner(facts, false));
});

test("the ready line tells of no dashboard: its form is fixed", () => {
  const line = "weir: serving /srv/public on http://localhost:8001 (4 threads, 5/s per client)\n";
  assert.equal(formatReadyLine({ ...FACTS, adminUrl: ADMIN_URL }), line);
});

const SHARED: readonly [string | undefined, readonly string[], string | undefined][] = [
  [undefined, ["192.0.2.7", "198.51.100.7"], "http://192.0.2.7:8001"],
  ["0.0.0.0", ["192.0.2.7"], "http://192.0.2.7:8001"],
  ["::", ["192.0.2.7"], "http://192.0.2.7:8001"],
  [undefined, [], undefined],
  ["127.0.0.1", ["192.0.2.7"], "http://127.0.0.1:8001"],
  ["2001:db8::1", [], "http://[2001:db8::1]:8001"],
  ["weir.example", [], "http://weir.example:8001"],
];

for (const [host, networkAddresses, expected] of SHARED) {
  test(`the address for a phone [${host ?? "every interface"}, network: ${networkAddresses}]`, () => {
    assert.equal(chooseSharedUrl({ ...FACTS, host, networkAddresses }), expected);
  });
}
