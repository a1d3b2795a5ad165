// The files of the dashboard, as the admin interface serves them. Published they lie ready beside the
// program. In a checkout they are the sources below web/dashboard: types are taken out as they are
// asked for, so that nothing is built before the first start. Only the names below are ever read.

import { existsSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

const SCRIPT = "text/javascript; charset=utf-8";
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: SCRIPT,
  ts: SCRIPT,
};
/** A name of one file, without folders. */
const FILE_NAME = /^[a-z0-9][a-z0-9-]*\.(html|css|js|ts)$/;

export type FindPageFile = (name: string) => PageFile | undefined;

/** Finds files by name: `index.html`, `main.js`. */
export function openPageFiles(): FindPageFile {
  const here = dirname(fileURLToPath(import.meta.url));
  const publishedDir = join(here, "dashboard");
  const isPublished = existsSync(publishedDir);
  const sourceDir = join(here, "../../web/dashboard");
  // Whoever edits a source wants to see it: those of a checkout are read each time.
  const files = new Map<string, PageFile>();
  return (name) => {
    const [, extension = ""] = FILE_NAME.exec(name) ?? [];
    const contentType = CONTENT_TYPES[extension];
    if (contentType === undefined) return undefined;
    const known = files.get(name);
    if (known !== undefined) return known;
    const text = isPublished ? readIfThere(join(publishedDir, name)) : readSource(sourceDir, name);
    if (text === undefined) return undefined;
    const file = { contentType, bytes: Buffer.from(text) };
    if (isPublished) files.set(name, file);
    return file;
  };
}

function readSource(dir: string, name: string): string | undefined {
  // Those of the package, beside its main file.
  if (name === "uplot.js") return readPackageFile("uPlot.esm.js");
  if (name === "uplot.css") return readPackageFile("uPlot.min.css");
  const isScript = name.endsWith(".js") || name.endsWith(".ts");
  if (!isScript) return readIfThere(join(dir, name));
  if (name.endsWith(".test.ts")) return undefined;
  const source = readIfThere(join(dir, name.replace(/js$/, "ts")));
  if (source === undefined) return undefined;
  return withoutWarning(() => stripTypeScriptTypes(source)).replaceAll(
    'from "uplot"',
    'from "./uplot.js"',
  );
}

function readPackageFile(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  return readIfThere(join(dirname(require.resolve("uplot")), name));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** That taking out types is experimental in Node is no news for who runs a server. */
function withoutWarning<Result>(act: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}
