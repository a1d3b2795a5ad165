// The rules of the package: what is stated twice is the same in both places, dependencies are
// pinned, and a checkout installs from whatever registry the user has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readRepositoryFile } from "./source-files.ts";

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

function findLooseVersions({ dependencies, devDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => `package.json: pin ${name} to one version, not "${version}".`);
}

/** bin/weir.js may hold no version of its own, but must read the one of the manifest. */
function findEngineFaults({ engines }: Manifest, launcher: string): string[] {
  const faults: string[] = [];
  if (!/^>=\d+\.\d+\.\d+$/.test(engines.node)) {
    faults.push(`package.json: engines.node is ">=" and a version, not "${engines.node}".`);
  }
  if (!launcher.includes("manifest.engines.node")) {
    faults.push("bin/weir.js: read the needed version from engines.node of package.json.");
  }
  const ownVersion = /["'`](>=)?\d+\.\d+(\.\d+)?["'`]/.exec(launcher);
  if (ownVersion !== null) faults.push(`bin/weir.js: take out its own version ${ownVersion[0]}.`);
  return faults;
}

function findLockFaults(manifest: Manifest, lock: string): string[] {
  const faults: string[] = [];
  if (/"resolved":/.test(lock)) {
    faults.push(
      "package-lock.json: has addresses; run npm install with omit-lockfile-registry-resolved.",
    );
  }
  const { version } = JSON.parse(lock) as { version: string };
  if (version !== manifest.version) {
    faults.push(`package-lock.json: is of ${version}, run npm install for ${manifest.version}.`);
  }
  return faults;
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** `npm ci` refuses a lock that lacks a package of another platform, though it is not installed. */
function findUnlockedPackages(lockText: string): string[] {
  const { packages } = JSON.parse(lockText) as Lock;
  const lockedNames = new Set(
    Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")),
  );
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !lockedNames.has(name))
      .map(
        (name) =>
          `package-lock.json: ${path} needs ${name}, which is not locked, so npm ci refuses to run. ` +
          "Pin a version all of whose packages the registry has, and run npm install.",
      ),
  );
}

function findChangelogFaults({ version }: Manifest, changelog: string): string[] {
  const headings = changelog.split("\n").filter((line) => line.startsWith("## "));
  if (headings.some((line) => line.split(/[\s[\]]+/).includes(version))) return [];
  return [`CHANGELOG.md: has no heading "## ${version}", the version of package.json.`];
}

const readManifest = (): Manifest => JSON.parse(readRepositoryFile("package.json")) as Manifest;

const SAMPLE: Manifest = { version: "1.2.3", engines: { node: ">=26.0.0" }, dependencies: {} };

test("every dependency is pinned to one version", () => {
  assert.deepEqual(findLooseVersions(readManifest()), []);
});

test("a version that is not exact is found [^1.0.0, ~1.0.0, *, latest, 1.x]", () => {
  for (const version of ["^1.0.0", "~1.0.0", "*", "latest", "1.x"]) {
    assert.equal(findLooseVersions({ ...SAMPLE, devDependencies: { a: version } }).length, 1);
  }
  assert.deepEqual(findLooseVersions({ ...SAMPLE, dependencies: { a: "1.0.0-rc.1" } }), []);
});

test("the version of Node that weir needs is stated in package.json alone", () => {
  assert.deepEqual(findEngineFaults(readManifest(), readRepositoryFile("bin/weir.js")), []);
});

test("a version in the launcher, and a range that is none, are found", () => {
  const launcher = "const needed = manifest.engines.node;";
  assert.deepEqual(findEngineFaults(SAMPLE, launcher), []);
  assert.equal(findEngineFaults(SAMPLE, 'const needed = "26.0.0";').length, 2);
  assert.equal(findEngineFaults({ ...SAMPLE, engines: { node: "26" } }, launcher).length, 1);
});

test("package-lock.json has the version of the package and no addresses", () => {
  assert.deepEqual(findLockFaults(readManifest(), readRepositoryFile("package-lock.json")), []);
});

test("an address and another version in the lock are found", () => {
  const lock = { version: "1.2.3", packages: {} };
  assert.deepEqual(findLockFaults(SAMPLE, JSON.stringify(lock)), []);
  assert.equal(findLockFaults(SAMPLE, JSON.stringify({ ...lock, version: "1.2.2" })).length, 1);
  const resolved = { ...lock, packages: { a: { resolved: "https://registry.example/a.tgz" } } };
  assert.equal(findLockFaults(SAMPLE, JSON.stringify(resolved)).length, 1);
});

test("package-lock.json holds every package that another one names", () => {
  assert.deepEqual(findUnlockedPackages(readRepositoryFile("package-lock.json")), []);
});

test("a package that the lock names and does not hold is found [an optional one]", () => {
  const packages = { "node_modules/a": { optionalDependencies: { "@b/c": "1.0.0" } } };
  assert.match(findUnlockedPackages(JSON.stringify({ packages })).join("\n"), /a needs @b\/c/);
  const whole = { ...packages, "node_modules/a/node_modules/@b/c": {} };
  assert.deepEqual(findUnlockedPackages(JSON.stringify({ packages: whole })), []);
});

test("CHANGELOG.md has the version of package.json", () => {
  assert.deepEqual(findChangelogFaults(readManifest(), readRepositoryFile("CHANGELOG.md")), []);
});

test("a changelog without the version is found [1.2.30, and 1.2.3 in the text]", () => {
  assert.deepEqual(findChangelogFaults(SAMPLE, "# Changes\n\n## [1.2.3] - 2026-11-23\n"), []);
  assert.equal(findChangelogFaults(SAMPLE, "## 1.2.30\n\nSince 1.2.3\n").length, 1);
});
