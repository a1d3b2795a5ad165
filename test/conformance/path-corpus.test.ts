import assert from "node:assert/strict";
import { test } from "node:test";
import { splitResponses } from "../fixtures/raw-response.ts";
import { leadsHome, targetForms } from "./path-corpus.ts";

const ADDRESS = { host: "127.0.0.1", port: 8001 };

function redirectsHome(location: string, target = "/a"): boolean {
  const bytes = Buffer.from(`HTTP/1.1 301 x\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
  return leadsHome(splitResponses(bytes).responses[0]!, target, ADDRESS);
}

test("a Location at another host is found as a browser reads it [//h, /\\h, \\\\h, /TAB/h, http:h]", () => {
  const foreign = [
    "//a.test/",
    "/\\a.test/",
    "\\\\a.test/",
    "/\t/a.test/",
    "http://a.test",
    "///a.test",
  ];
  for (const location of foreign) assert.equal(redirectsHome(location), false, location);
  const home = ["/a/", "a/", "/%5Ca.test/", "/%2Fa.test/", "http://127.0.0.1:8001/a/", "?//a.test"];
  for (const location of home) assert.equal(redirectsHome(location), true, location);
});

test("a Location with the host that an absolute target named itself is no redirect elsewhere", () => {
  assert.equal(redirectsHome("http://a.test/b/", "http://a.test/b"), true);
  assert.equal(redirectsHome("http://c.test/b/", "http://a.test/b"), false);
});

test("a path is sent as it is, absolute, below a folder and escaped [../é]", () => {
  const targets = targetForms("../é").map(({ target }) => target);
  assert.deepEqual(targets, [
    "../\xc3\xa9",
    "/../\xc3\xa9",
    "/sub/../\xc3\xa9",
    "/%2e%2e/%c3%a9",
    "/%2e%2e%2f%c3%a9",
  ]);
});
