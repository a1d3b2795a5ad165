import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAuthority,
  formatRequestTarget,
  formatTarget,
  parseTarget,
  parseTargetPort,
  readHostAndPort,
} from "./target-url.ts";
import { UsageError } from "./usage-error.ts";

for (const [text, href] of [
  ["http://localhost:8001", "http://localhost:8001/"],
  ["HTTP://[::1]:8001/a?b#c", "http://[::1]:8001/a?b"],
  ["http://a/b c", "http://a/b%20c"],
  ["localhost:8001/a", "http://localhost:8001/a"],
  ["localhost", "http://localhost/"],
  ["8001", "http://localhost:8001/"],
  ["8001/a?b", "http://localhost:8001/a?b"],
  [":8001", "http://localhost:8001/"],
  [":8001/a", "http://localhost:8001/a"],
  ["127.0.0.1", "http://127.0.0.1/"],
  ["127.0.0.1:8001", "http://127.0.0.1:8001/"],
  ["[::1]:8001/x", "http://[::1]:8001/x"],
  ["::1", "http://[::1]/"],
  ["example.org/a", "http://example.org/a"],
  ["server:8001", "http://server:8001/"],
  ["//localhost:8001/a", "http://localhost:8001/a"],
  ["https://localhost/", "https://localhost/"],
  ["https://[::1]:80/", "https://[::1]:80/"],
] as const) {
  test(`a URL is read (${text})`, () => {
    assert.equal(formatTarget(parseTarget(text)), href);
  });
}

for (const [text, advice] of [
  ["", /give a URL such as/],
  ["word", /give a URL such as/],
  ["docs/a.html", /give a URL such as/],
  ["/a.html", /give a URL such as/],
  ["./a.html", /give a URL such as/],
  ["8001x", /give a URL such as/],
  ["٨٠٠١", /give a URL such as/],
  ["localhost:٨٠٠١", /give a URL such as/],
  ["http:/localhost:8001", /write it as http:\/\/localhost:8001\/$/],
  ["localhost:99999", /give a port from 1 to 65535$/],
  ["0", /give a port from 1 to 65535$/],
  [":65536", /give a port from 1 to 65535$/],
  ["ftp://localhost/", /begins with http:\/\/ or https:\/\/$/],
  ["http://", /give a URL such as/],
  ["http:///path", /give a URL such as/],
  ["http://a:99999/", /give a port from 1 to 65535$/],
  ["http://a:0/", /port from 1/],
  ["http://me:secret@a/", /user name and password/],
] as const) {
  test(`a URL is refused with advice (${text})`, () => {
    assert.throws(
      () => parseTarget(text),
      (error) => error instanceof UsageError && advice.test(error.message),
    );
  });
}

test("ports from 1 to 65535 can be connected to, 0 and 65536 and words cannot", () => {
  assert.equal(parseTargetPort("8001"), 8001);
  for (const text of ["0", "00", "65536", "http", "-1", ""]) {
    assert.throws(() => parseTargetPort(text), UsageError);
  }
});

for (const [path, target] of [
  ["", "/"],
  ["a.html", "/a.html"],
  ["/a b.html?x=1 2#part", "/a%20b.html?x=1%202"],
  ["/grün/日.png", "/gr%C3%BCn/%E6%97%A5.png"],
  ["/../secret//x%2f", "/../secret//x%2f"],
  ["/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"],
  ['/<">', "/%3C%22%3E"],
  ["/\ud800", "/%EF%BF%BD"],
] as const) {
  test(`the path ${JSON.stringify(path)} is asked for as ${target}`, () => {
    assert.equal(formatRequestTarget(path), target);
  });
}

test("an authority puts IPv6 in brackets and leaves the scheme's own port out", () => {
  assert.equal(formatAuthority({ scheme: "http", host: "::1", port: 8001 }), "[::1]:8001");
  assert.equal(formatAuthority({ scheme: "http", host: "localhost", port: 80 }), "localhost");
  assert.equal(formatAuthority({ scheme: "https", host: "localhost", port: 443 }), "localhost");
  assert.equal(formatAuthority({ scheme: "https", host: "localhost", port: 80 }), "localhost:80");
});

test("HOST PORT alone is a target, and other words are not", () => {
  const target = { scheme: "http", host: "localhost", port: 8001, requestTarget: "/" };
  assert.deepEqual(readHostAndPort(["localhost", "8001"]), target);
  for (const words of [
    [],
    ["a"],
    ["a", "b"],
    ["a", "1", "c"],
    ["a:1", "2"],
    ["a/b", "2"],
    ["", "2"],
  ]) {
    assert.equal(readHostAndPort(words), undefined);
  }
  assert.throws(() => readHostAndPort(["localhost", "0"]), UsageError);
});
