// `npm run shape`: prints how the tree is built — how many files there are and how long they are, how much one
// request passes, how much a change touches — beside the figures from before the rooms. It needs the
// development dependencies alone, and takes some ten seconds.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { REPOSITORY_DIR, readSourceFilesOf } from "../rules/source-files.ts";
import { measureRequests } from "./request-calls.ts";
import { isServerFile, mayEndLines, roomOf } from "./rooms.ts";
import { formatShape, type Shape } from "./shape-table.ts";
import { isProgram, readFacts } from "./source-facts.ts";
import { roomsOf, shapeOf } from "./tree-shape.ts";

const USAGE = `Usage: npm run shape -- [options]

  --json          all figures as JSON, with the files and functions behind each
  --no-requests   without the requests to a server that count calls
  --root DIR      another checkout of weir, with its node_modules
  --help          print this
`;

/** Where the flags of a server are rows; the second is of older checkouts. */
const FLAG_FILES = ["src/config/serve-flags.ts", "src/cli/flag-table.ts"];

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      json: { type: "boolean", default: false },
      requests: { type: "boolean", default: true },
      root: { type: "string", default: REPOSITORY_DIR },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const shape = await measureShape(resolve(values.root), values.requests);
  process.stdout.write(values.json ? `${JSON.stringify(shape, null, 2)}\n` : formatShape(shape));
}

async function measureShape(rootDir: string, withRequests: boolean): Promise<Shape> {
  const facts = readFacts(readSourceFilesOf(rootDir, "src", "web").filter(isProgram));
  const shape = shapeOf(facts, {
    isServer: isServerFile,
    mayEndLines,
    booleanFlags: await readBooleanFlags(rootDir),
  });
  const rooms = roomsOf(facts, roomOf);
  if (!withRequests) return { ...shape, rooms };
  return { ...shape, rooms, requests: await measureRequests(rootDir) };
}

/** The flags of `weir serve` that take no value. */
async function readBooleanFlags(rootDir: string): Promise<string[]> {
  const file = FLAG_FILES.map((path) => resolve(rootDir, path)).find(existsSync);
  if (file === undefined) throw new Error(`there is no ${FLAG_FILES[0]} in ${rootDir}`);
  const { serveFlags } = (await import(pathToFileURL(file).href)) as {
    readonly serveFlags: readonly { readonly name: string; readonly placeholder?: string }[];
  };
  return serveFlags.filter(({ placeholder }) => placeholder === undefined).map(({ name }) => name);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`cannot measure the shape: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
