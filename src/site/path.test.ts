import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { childPath, formatFolderUrlPath, resolvePath, type SafePath } from "./path.ts";

function pathOf(rawPath: string): SafePath {
  const outcome = resolvePath(rawPath);
  assert.ok(outcome.kind === "path", `${rawPath}: ${outcome.kind}`);
  return outcome.path;
}

const SERVED: readonly (readonly [rawPath: string, path: string, isFolderForm: boolean])[] = [
  ["/", "", true],
  ["/a", "/a", false],
  ["/a/", "/a", true],
  ["/a/b.txt", "/a/b.txt", false],
  ["/a/./b", "/a/b", false],
  ["/a/../b", "/b", false],
  ["/a/b/../..", "", true],
  ["/a/.", "/a", true],
  ["/a/b/..", "/a", true],
  ["/.", "", true],
  // Slashes that stand together are one.
  ["//", "", true],
  ["///", "", true],
  ["//a", "/a", false],
  ["/a//b", "/a/b", false],
  ["/a///b//", "/a/b", true],
  ["/a//", "/a", true],
  ["/a//../b", "/b", false],
  ["/a/b//../..//c", "/c", false],
  ["//a/.//b", "/a/b", false],
  ["//evil.example//%2e%2e/a", "/a", false],
  ["/a/%2e%2e/b", "/b", false],
  ["/a/%2E./b", "/b", false],
  ["/%2e/a", "/a", false],
  // Names that only look like a way out.
  ["/...", "/...", false],
  ["/..a", "/..a", false],
  ["/a..", "/a..", false],
  ["/.a", "/.a", false],
  ["/%20", "/ ", false],
  ["/a+b", "/a+b", false],
  ["/..\\a", "/..\\a", false],
  ["/..%5c..%5ca", "/..\\..\\a", false],
  ["/C:/a", "/C:/a", false],
  // Decoded once: a percent sign that was encoded stays one.
  ["/%2541", "/%41", false],
  ["/%252e%252e/a", "/%2e%2e/a", false],
  ["/%25", "/%", false],
  // Control characters can stand in a name; whether one does is seen when it is looked for.
  ["/a%0ab", "/a\nb", false],
  ["/a%0d%0ab", "/a\r\nb", false],
  ["/%1b[2J", "/\x1b[2J", false],
  ["/%7f", "/\x7f", false],
  // Bytes, whether UTF-8, overlong or neither.
  ["/%C3%BC", "/\xc3\xbc", false],
  ["/%ff", "/\xff", false],
  ["/%c0%ae%c0%ae/a", "/\xc0\xae\xc0\xae/a", false],
  ["/%e0%80%ae/a", "/\xe0\x80\xae/a", false],
  ["/%ef%bc%8f", "/\xef\xbc\x8f", false],
];

for (const [rawPath, path, isFolderForm] of SERVED) {
  test(`resolvePath: ${rawPath} is ${JSON.stringify(path)}${isFolderForm ? ", a folder" : ""}`, () => {
    const safePath = pathOf(rawPath);
    assert.equal(safePath.path, path);
    assert.equal(safePath.isFolderForm, isFolderForm);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.equal(safePath.hasControl, /[\x00-\x1f\x7f]/.test(path));
    assert.equal(safePath.segments.map((segment) => `/${segment}`).join(""), path);
  });
}

const REFUSED: readonly (readonly [rawPath: string, kind: "nameless" | "malformed"])[] = [
  ["/..", "malformed"],
  ["/../a", "malformed"],
  ["//..", "malformed"],
  ["/..//", "malformed"],
  ["/a//../../b", "malformed"],
  ["/a/../..", "malformed"],
  ["/a/../../a", "malformed"],
  ["/%2e%2e/a", "malformed"],
  ["/.%2E/a", "malformed"],
  ["/./../a", "malformed"],
  ["/%00", "malformed"],
  ["/a%00.txt", "malformed"],
  ["/%", "malformed"],
  ["/%4", "malformed"],
  ["/%zz", "malformed"],
  ["/%u002e", "malformed"],
  ["/%%34%31", "malformed"],
  ["/a/%2", "malformed"],
  ["/%2f", "nameless"],
  ["/a%2fb", "nameless"],
  ["/..%2f..%2fa", "nameless"],
  ["/%2e%2e%2fa", "nameless"],
];

for (const [rawPath, kind] of REFUSED) {
  test(`resolvePath: ${rawPath} is ${kind}`, () => {
    assert.equal(resolvePath(rawPath).kind, kind);
  });
}

const PIECES = [
  "/",
  "/",
  ".",
  "..",
  "%2e",
  "%2E%2e",
  "%2f",
  "%5c",
  "\\",
  "%00",
  "%252e",
  "a",
  "%c3",
];
const hostilePath = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary-ascii", maxLength: 3 })))
  .map((pieces) => `/${pieces.join("")}`);

test("whatever the path, what resolves has no way out and lies below the root", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  let resolvedCount = 0;
  const property = fc.property(hostilePath, (rawPath) => {
    const outcome = resolvePath(rawPath);
    if (outcome.kind !== "path") return;
    resolvedCount++;
    const { path, segments } = outcome.path;
    for (const segment of segments) {
      assert.ok(!["", ".", ".."].includes(segment));
      assert.ok(!segment.includes("/"));
      assert.ok(!segment.includes("\0"));
    }
    const joined = posix.join("/srv/site", path);
    assert.equal(joined, `/srv/site${path}`);
  });
  fc.assert(property, { seed, numRuns: 20_000 });
  assert.ok(
    resolvedCount > 1000,
    `only ${resolvedCount} of the paths resolved: nothing was tested`,
  );
});

test("what formatFolderUrlPath writes, resolvePath reads [every byte that a name can have]", () => {
  const names = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).filter(
    (byte) => byte !== "\0" && byte !== "/" && byte !== ".",
  );
  for (const name of [...names, names.join(""), "...", ".a"]) {
    const folder = childPath(pathOf("/a%20b/"), name);
    const urlPath = formatFolderUrlPath(folder);
    assert.match(urlPath, /^\/[A-Za-z0-9._~%/-]+\/$/);
    const again = pathOf(urlPath);
    assert.deepEqual(again.segments, ["a b", name]);
    assert.equal(again.isFolderForm, true);
  }
});
