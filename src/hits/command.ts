// `weir hits`: exports the hits of a state folder or of a store into a file, and imports such files. It works
// while servers run.

import { createHash } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeFolder } from "../base/files.ts";
import { describeFileError, OperationError } from "../base/operation-error.ts";
import type { Command, CommandArgs } from "../cli/command.ts";
import {
  checkWritable,
  findDefaultStateDir,
  readCurrentFolder,
  readInput,
  writeResult,
} from "../cli/places.ts";
import { choice, type FlagTable, OFF } from "../config/flag.ts";
import { parsePath } from "../config/quantity.ts";
import { parseStoreUrl, type StoreUrl } from "../config/urls.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { formatHits, type HitFormat, type ImportMode, parseHits } from "./export.ts";
import type { HitTotal } from "./ledger.ts";
import type { SqliteHits } from "./sqlite.ts";

type HitsArgs = CommandArgs<typeof hitsFlags>;

interface HitsDocument {
  readonly file: string;
  readonly hits: readonly HitTotal[];
  readonly digest: string;
}

const FORMATS = ["json", "csv"] as const satisfies HitFormat[];

// The flags have no environment variables: an import changes what is kept, so its place is always typed. An
// export, which only reads, looks at WEIR_STATE where no place is typed.
// The place that a server of this machine uses is not necessarily the one that is meant.
const hitsFlags = [
  {
    name: "store",
    kind: "text",
    placeholder: "URL",
    fallbackText: "the state folder",
    parse: parseStoreUrl,
    help: "the hits in this store: redis://HOST:PORT/DB, rediss://",
  },
  {
    name: "state",
    kind: "folder",
    placeholder: "DIR",
    fallbackText: "$XDG_STATE_HOME/weir",
    parse: parseFolder,
    help: "the hits in this state folder",
  },
  {
    name: "dir",
    kind: "folder",
    placeholder: "DIR",
    fallbackText: "the current folder",
    parse: parseFolder,
    help: "the served folder whose hits are meant; a state folder holds those of several",
  },
  {
    name: "format",
    ...choice(FORMATS),
    fallbackText: "json; csv for a file of that name",
    help: "how export writes them",
  },
  {
    name: "out",
    kind: "file",
    placeholder: "FILE|-",
    fallback: "-",
    fallbackText: "stdout",
    parse: parsePath,
    help: "where export writes them",
  },
  {
    name: "add",
    ...OFF,
    help: "import adds to the totals, each file once; off: it raises them to these",
  },
] as const satisfies FlagTable;

function parseFolder(text: string, baseDir: string): string {
  return resolve(baseDir, parsePath(text));
}

export const hitsCommand: Command<typeof hitsFlags> = {
  name: "hits",
  summary: "move hits between state folders, stores and files",
  usage: ["hits export [DIR] [options]", "hits import FILE... [options]"],
  details: [
    "export writes the hits of the served folder DIR, or all of a store; import takes in what export has " +
      "written, as JSON or CSV. Paths are percent-encoded in both. Without --state and --store, export reads " +
      "the folder in WEIR_STATE, as a server there does; import does not.",
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
  const place = await openPlace(args, dir, findStateToRead);
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
  // All documents are checked before the first is imported.
  const documents = files.map(readDocument);
  const mode = args.values.add ? "add" : "least";
  const place = await openPlace(args, undefined, requireStateDir);
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

function openPlace(
  { values, env }: HitsArgs,
  dir: string | undefined,
  findState: (env: NodeJS.ProcessEnv) => string,
): Promise<HitsPlace> {
  const { store, state } = values;
  const currentDir = readCurrentFolder(env);
  const servedDir = dir === undefined ? values.dir : resolve(currentDir, dir);
  if (store === undefined) {
    return openFolderPlace(state ?? findState(env), servedDir ?? currentDir);
  }
  if (state !== undefined) throw new UsageError("cannot use --store and --state at once: give one");
  if (servedDir !== undefined) {
    const why = "a store has no folders; ?prefix=NAME: in its URL separates sites";
    throw new UsageError(`cannot use ${quote(dir ?? servedDir)} with --store: ${why}`);
  }
  return openStorePlace(store);
}

/**
 * The state folder of a server in the same environment, such as a container: export reads what that server
 * keeps. Import does not ask the variable: a forgotten one must not decide which hits are changed.
 */
function findStateToRead(env: NodeJS.ProcessEnv): string {
  const text = env.WEIR_STATE ?? "";
  if (text === "") return requireStateDir(env);
  if (text === "memory") {
    throw new UsageError(
      'cannot export hits: with WEIR_STATE "memory" in the environment no folder has them; give their folder (--state DIR) or a store (--store URL)',
    );
  }
  return resolve(readCurrentFolder(env), text);
}

function requireStateDir(env: NodeJS.ProcessEnv): string {
  const place = findDefaultStateDir(env);
  if (place.kind === "folder") return place.path;
  throw new UsageError(
    `cannot tell which hits are meant: ${place.why}; give their folder (--state DIR) or a store (--store URL)`,
  );
}

function readDocument(file: string): HitsDocument {
  const bytes = readInput(file);
  const reading = parseHits(bytes.toString("utf8"));
  if (reading.kind === "invalid") {
    throw new OperationError(`cannot import ${quote(file)}: ${reading.why}`);
  }
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { file, hits: reading.hits, digest };
}

// The place whose hits the command exports or into which it imports: the store of a fleet, or the SQLite file
// of a state folder. Each failure is an OperationError of one line.

interface HitsPlace {
  /** Its name in messages. */
  readonly shown: string;
  read(): readonly HitTotal[] | Promise<readonly HitTotal[]>;
  /** Imports a document and returns how many hits were added. An import of the same document changes nothing. */
  take(hits: readonly HitTotal[], mode: ImportMode, digest: string): number | Promise<number>;
  close(): void;
}

/** @throws OperationError when the store cannot be reached */
async function openStorePlace(url: StoreUrl): Promise<HitsPlace> {
  const { openFleetTotals } = await import("../fleet/totals.ts");
  const fail = (act: string) => (error: unknown) => {
    throw new OperationError(`cannot ${act} the store ${url.shown}: ${(error as Error).message}`);
  };
  const totals = await openFleetTotals(url).catch(fail("reach"));
  return {
    shown: url.shown,
    read: () => totals.read().catch(fail("use")),
    take: (hits, mode, digest) => totals.take(hits, mode, digest).catch(fail("use")),
    close: () => totals.close(),
  };
}

/** An import creates the file; an export needs one. */
async function openFolderPlace(stateDir: string, servedDir: string): Promise<HitsPlace> {
  const { openSqliteHits, SQLITE_FILE_NAME } = await import("./sqlite.ts");
  const file = join(stateDir, SQLITE_FILE_NAME);
  const folder = realPathOf(servedDir);
  const use = <Result>(act: (sqlite: SqliteHits) => Result): Result => {
    let sqlite: SqliteHits | undefined;
    try {
      sqlite = openSqliteHits(file, folder);
      return act(sqlite);
    } catch (error) {
      throw new OperationError(`cannot use ${quote(file)}: ${(error as Error).message}`);
    } finally {
      sqlite?.close();
    }
  };
  return {
    shown: folder,
    read() {
      checkStateFolder(stateDir);
      const hits = existsSync(file) ? use((sqlite) => sqlite.readChangedTotals() ?? []) : [];
      if (hits.length > 0) return hits;
      throw new OperationError(`no hits of ${quote(folder)} are kept in ${quote(file)}`);
    },
    take(hits, mode, digest) {
      try {
        makeFolder(stateDir);
      } catch (error) {
        const why = describeFileError(error);
        throw new OperationError(`cannot make the folder ${quote(stateDir)}: ${why}`);
      }
      return use((sqlite) => sqlite.importTotals(hits, mode, digest));
    },
    close() {},
  };
}

/** A folder that does not exist, or is a file, is more likely a typing error than a folder without hits. */
function checkStateFolder(stateDir: string): void {
  try {
    if (statSync(stateDir).isDirectory()) return;
  } catch (error) {
    throw new OperationError(
      `cannot read the state folder ${quote(stateDir)}: ${describeFileError(error)}; see --state`,
    );
  }
  throw new OperationError(
    `cannot read the state folder ${quote(stateDir)}: it is a file; see --state`,
  );
}

/** The name of a folder in the state of `weir serve`. A folder that is gone may still have hits. */
function realPathOf(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir;
  }
}
