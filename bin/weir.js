#!/usr/bin/env node
// Checks that this Node is new enough, then starts src/cli (a checkout) or dist/weir (published).
// It must parse under Node 12, so that an old Node gets two lines to read and not a SyntaxError:
// no top-level await, no optional chaining, no static import of anything newer.
import { existsSync, readFileSync } from "node:fs";
import nodeModule from "node:module";

// First of all, and in every command: by itself Node.js opens its debugger for others on SIGUSR1, and
// ends on SIGUSR2. A server gives the first a meaning of its own later. With SIGXFSZ the system ends a
// process that writes beyond `ulimit -f`; without it the write fails, as on a full disk.
for (const signal of ["SIGUSR1", "SIGUSR2", "SIGXFSZ"]) process.on(signal, () => {});

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const neededVersion = manifest.engines.node.replace(/^>=\s*/, "");

if (isOlder(process.versions.node, neededVersion)) {
  process.stderr.write(
    `weir: needs Node.js ${neededVersion} or newer, and this is ${process.versions.node}\n` +
      "in a checkout run `npm ci`, then `npm start` or `npx weir`, which use the Node.js pinned " +
      "there; or get it from https://nodejs.org\n",
  );
  process.exitCode = 2;
} else {
  // Before the import: only what is loaded afterwards is cached.
  if (nodeModule.enableCompileCache) {
    nodeModule.enableCompileCache();
    // The threads find it by its variable: without it each compiles the program again.
    const cacheDir = nodeModule.getCompileCacheDir();
    if (cacheDir !== undefined) process.env.NODE_COMPILE_CACHE = cacheDir;
  }
  const source = new URL("../src/cli/main.ts", import.meta.url);
  const isCheckout = existsSync(source);
  const entry = isCheckout ? source : new URL("../dist/weir/main.js", import.meta.url);
  import(entry.href)
    .then((cli) => cli.main(process.argv.slice(2)))
    .then((exitCode) => {
      process.exitCode = exitCode;
    })
    .catch((error) => {
      process.stderr.write(`weir: cannot start: ${error.message}\n`);
      process.exitCode = 1;
    });
}

function isOlder(version, needed) {
  const left = version.split(".").map(Number.parseFloat);
  const right = needed.split(".").map(Number.parseFloat);
  const index = right.findIndex((part, partIndex) => part !== left[partIndex]);
  return index !== -1 && left[index] < right[index];
}
