// `weir hits`: writes the hits of a state folder or of a store into a file, and takes such files in. It
// works while servers run.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { OperationError } from "../base/operation-error.ts";
import { describeFileError } from "../base/system-error.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { formatHits, parseHits } from "../hits/export.ts";
import type { HitTotal } from "../hits/hit-ledger.ts";
import type { Command, CommandArgs } from "./command.ts";
import { readCurrentFolder } from "./current-folder.ts";
import { hitsFlags } from "./hits-flags.ts";
import { type HitsPlace, openFolderPlace, openStorePlace } from "./hits-place.ts";
import { checkWritable, writeResult } from "./result-file.ts";
import { findDefaultStateDir } from "./state-folder.ts";

type HitsArgs = CommandArgs<typeof hitsFlags>;

interface HitsDocument {
  readonly file: string;
  readonly hits: readonly HitTotal[];
  readonly digest: string;
}

const STANDARD_INPUT = "-";

export const hitsCommand: Command<typeof hitsFlags> = {
  name: "hits",
  summary: "move hits between state folders, stores and files",
  usage: ["hits export [DIR] [options]", "hits import FILE... [options]"],
  details: [
    "export writes the hits of the served folder DIR, or all of a store; import takes in what export has " +
      "written, as JSON or CSV. Paths are percent-encoded in both.",
    "import raises each total to that of the file, so that a backup can be taken in where some of it " +
      "still is. With --add it comes on top of what is there, as when servers move to a store that has " +
      "counted since. Either way the same file a second time changes nothing.",
    "Servers may run meanwhile: they show within a second what was taken in.",
  ],
  flags: hitsFlags,
  examples: [
    {
      text: "weir hits export ./public --out hits.csv",
      meaning: "the hits of a folder, for a sheet",
    },
    {
      text: "weir hits export --store redis://store/0 --out hits.json",
      meaning: "a backup of what servers share",
    },
    {
      text: "weir hits import hits.json --store redis://store/0 --add",
      meaning: "what one server has counted comes to what all have",
    },
  ],
  run: runHitsCommand,
};

async function runHitsCommand(args: HitsArgs): Promise<number> {
  const [action, ...rest] = args.positionals;
  if (action === "export") return await exportHits(args, rest);
  if (action === "import") return await importHits(args, rest);
  const forms = "give export [DIR], or import FILE";
  if (action === undefined) throw new UsageError(`nothing to do with hits: ${forms}`);
  throw new UsageError(`cannot do ${quote(action)} with hits: ${forms}`);
}

async function exportHits(args: HitsArgs, [dir, surplus]: readonly string[]): Promise<number> {
  const { values, stdout } = args;
  if (surplus !== undefined)
    throw new UsageError(`cannot export ${quote(surplus)} too: give one folder`);
  const { out } = values;
  checkWritable(out);
  const place = await openPlace(args, dir);
  try {
    const format = values.format ?? (/\.csv$/i.test(out) ? "csv" : "json");
    const facts = { source: place.shown, exportedMs: Date.now() };
    writeResult(out, formatHits(format, await place.read(), facts), stdout);
  } finally {
    place.close();
  }
  return 0;
}

async function importHits(args: HitsArgs, files: readonly string[]): Promise<number> {
  if (files.length === 0)
    throw new UsageError("no hits to import: give a file that weir hits export has written");
  // All are read before the first is taken in.
  const documents = files.map(readDocument);
  const mode = args.values.add ? "add" : "least";
  const place = await openPlace(args, undefined);
  try {
    for (const { file, hits, digest } of documents) {
      const added = await place.take(hits, mode, digest);
      args.stdout.write(
        `${quote(file)}: ${hits.length} files; ${added} hits came to those of ${place.shown}\n`,
      );
    }
  } finally {
    place.close();
  }
  return 0;
}

function openPlace({ values, env }: HitsArgs, dir: string | undefined): Promise<HitsPlace> {
  const { store, state } = values;
  const currentDir = readCurrentFolder(env);
  const servedDir = dir === undefined ? values.dir : resolve(currentDir, dir);
  if (store === undefined) {
    return openFolderPlace(state ?? requireStateDir(env), servedDir ?? currentDir);
  }
  if (state !== undefined) throw new UsageError("cannot use --store and --state at once: give one");
  if (servedDir !== undefined) {
    const why = "a store has no folders; ?prefix=NAME: in its URL separates sites";
    throw new UsageError(`cannot use ${quote(dir ?? servedDir)} with --store: ${why}`);
  }
  return openStorePlace(store);
}

function requireStateDir(env: NodeJS.ProcessEnv): string {
  const place = findDefaultStateDir(env);
  if (place.kind === "folder") return place.path;
  throw new UsageError(
    `cannot tell which hits are meant: ${place.why}; give their folder (--state DIR) or a store (--store URL)`,
  );
}

function readDocument(file: string): HitsDocument {
  const bytes = readBytes(file);
  const reading = parseHits(bytes.toString("utf8"));
  if (reading.kind === "invalid") {
    throw new OperationError(`cannot import ${quote(file)}: ${reading.why}`);
  }
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { file, hits: reading.hits, digest };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === STANDARD_INPUT ? 0 : file);
  } catch (error) {
    throw new OperationError(`cannot read ${quote(file)}: ${describeFileError(error)}`);
  }
}
