import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvePath, type SafePath } from "./path.ts";
import {
  isLinkAllowed,
  isServedType,
  isVisible,
  isVisibleName,
  type ServingRules,
} from "./served-folder.ts";

const PLAIN: ServingRules = { hidden: false, symlinks: "inside", types: undefined };

function pathOf(rawPath: string): SafePath {
  const outcome = resolvePath(rawPath);
  assert.ok(outcome.kind === "path");
  return outcome.path;
}

/** Root, path as asked for, real path; whether `inside` and `deny` let it pass. */
const LINKS: readonly (readonly [string, string, string, boolean, boolean])[] = [
  ["/srv/site", "/srv/site/a", "/srv/site/a", true, true],
  ["/srv/site", "/srv/site", "/srv/site", true, true],
  ["/srv/site", "/srv/site/link", "/srv/site/a", true, false],
  ["/srv/site", "/srv/site/link", "/srv/site", true, false],
  ["/srv/site", "/srv/site/link", "/srv/site-secret", false, false],
  ["/srv/site", "/srv/site/link", "/srv/site-secret/a", false, false],
  ["/srv/site", "/srv/site/link", "/srv/sitea", false, false],
  ["/srv/site", "/srv/site/link", "/srv", false, false],
  ["/srv/site", "/srv/site/link", "/srv/sit", false, false],
  ["/srv/site", "/srv/site/link", "/", false, false],
  ["/srv/site", "/srv/site/link", "/etc/passwd", false, false],
  ["/srv/site", "/srv/site/link", "/other/srv/site/a", false, false],
  ["/srv/\xff", "/srv/\xff/link", "/srv/\xff/a", true, false],
  ["/srv/\xff", "/srv/\xff/link", "/srv/\xfe/a", false, false],
  ["/", "/link", "/etc/passwd", true, false],
];

for (const [root, lexical, real, inside, deny] of LINKS) {
  test(`root ${root}: ${lexical} that lies at ${real} passes inside: ${inside}, deny: ${deny}`, () => {
    const paths = [root, lexical, real].map((path) => Buffer.from(path, "latin1"));
    const isAllowed = (symlinks: ServingRules["symlinks"]) =>
      isLinkAllowed({ ...PLAIN, symlinks }, ...(paths as [Buffer, Buffer, Buffer]));
    assert.equal(isAllowed("inside"), inside);
    assert.equal(isAllowed("deny"), deny);
    assert.equal(isAllowed("follow"), true);
  });
}

const VISIBLE: readonly (readonly [string, boolean])[] = [
  ["/", true],
  ["/a.txt", true],
  ["/a./b", true],
  ["/.a", false],
  ["/.git/config", false],
  ["/a/.b/c", false],
  ["/a/%2eb", false],
  ["/...", false],
  ["/.well-known", true],
  ["/.well-known/", true],
  ["/%2ewell-known/security.txt", true],
  ["/.well-known/acme-challenge/a_b-c", true],
  ["/.well-known/.secret", false],
  ["/.well-known/a/.b/c", false],
  ["/a/.well-known/b", false],
  ["/.git/.well-known/b", false],
  ["/.well-known.txt", false],
  ["/.Well-Known/a", false],
];

for (const [rawPath, isSeen] of VISIBLE) {
  test(`${rawPath} is ${isSeen ? "visible" : "hidden"}, and always visible with --hidden`, () => {
    assert.equal(isVisible(PLAIN, pathOf(rawPath)), isSeen);
    assert.equal(isVisible({ ...PLAIN, hidden: true }, pathOf(rawPath)), true);
  });
}

test("isVisibleName follows the same rule as isVisible [.a, a.], but names no .well-known", () => {
  assert.equal(isVisibleName(PLAIN, ".a"), false);
  assert.equal(isVisibleName(PLAIN, ".well-known"), false);
  assert.equal(isVisibleName(PLAIN, "a."), true);
  assert.equal(isVisibleName({ ...PLAIN, hidden: true }, ".a"), true);
});

const TYPES: readonly (readonly [string, boolean])[] = [
  ["a.html", true],
  ["a.HTML", true],
  ["a.b.Png", true],
  ["a.html.exe", false],
  ["a.htm", false],
  ["a", false],
  ["html", false],
  [".html", false],
  ["a.", false],
  ["a.html ", false],
  ["a.html.", false],
  ["", false],
];

for (const [name, isServed] of TYPES) {
  test(`--types html,png: "${name}" is ${isServed ? "" : "not "}served`, () => {
    assert.equal(isServedType({ ...PLAIN, types: new Set(["html", "png"]) }, name), isServed);
    assert.equal(isServedType(PLAIN, name), true);
  });
}
