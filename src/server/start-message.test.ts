import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import {
  chooseSharedUrl,
  formatBanner,
  formatReadyLine,
  type ServedPlace,
  type StartFacts,
} from "./start-message.ts";

const FACTS: StartFacts = {
  rootDir: "/srv/public",
  places: [{ kind: "port", host: undefined, port: 8001 }],
  workers: 4,
  rate: { count: 5, windowMs: 1000, text: "5/s" },
  networkAddresses: ["192.0.2.7", "198.51.100.7"],
  adminUrl: undefined,
};
const ADMIN_URL = "http://127.0.0.1:8002/";

function placesOf(host: string | undefined): ServedPlace[] {
  return [{ kind: "port", host, port: 8001 }];
}

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
  const oneHost = { ...FACTS, places: placesOf("127.0.0.1"), adminUrl: ADMIN_URL };
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

test("several places: the first in the fixed form, the others on lines behind it, all in the banner", () => {
  const facts: StartFacts = {
    ...FACTS,
    places: [...placesOf("127.0.0.1"), ...placesOf("::1"), { kind: "unix", path: "/run/w\n.sock" }],
  };
  assert.equal(
    formatReadyLine(facts),
    "weir: serving /srv/public on http://127.0.0.1:8001 (4 threads, 5/s per client)\n" +
      "weir: serving on http://[::1]:8001 too\n" +
      "weir: serving on unix:/run/w\\n.sock too\n",
  );
  const labels = ["Address", "Address", "Socket", "Limit", "Threads"];
  assert.deepEqual(labelsOf(formatBanner(facts, false)), labels);
});

test("a Unix socket alone is in the ready line, and no phone reaches it", () => {
  const facts: StartFacts = { ...FACTS, places: [{ kind: "unix", path: "/run/weir.sock" }] };
  assert.match(formatReadyLine(facts), / on unix:\/run\/weir\.sock \(4 threads, [^\n]+\)\n$/);
  assert.equal(chooseSharedUrl(facts), undefined);
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
    assert.equal(chooseSharedUrl({ ...FACTS, places: placesOf(host), networkAddresses }), expected);
  });
}
