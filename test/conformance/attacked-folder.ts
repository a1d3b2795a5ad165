// A folder to serve, with secrets in every folder above it: whoever climbs out, by however many
// steps, finds a file there. And with folders of the names that make a redirect dangerous.

import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RedirectCorpus } from "./corpora.ts";

export interface AttackedFolder {
  /** What the server serves. */
  readonly served: string;
  /** Stands in every secret file and nowhere else. */
  readonly marker: string;
  /** What to put for `{FILE}`: a name beside every folder climbed out of, and a path from `/`. */
  readonly secretPaths: readonly string[];
}

/** As deep as most of the climbs of the corpora. */
const DEPTH = 8;
/** The names that the corpora try to reach, below the folder that they have climbed to. */
const SECRET_NAMES = [
  "secret.txt",
  "boot.ini",
  "etc/passwd",
  "etc/issue",
  "etc/hosts",
  "windows/win.ini",
  "windows/system32/drivers/etc/hosts",
];
const NAME_BYTES_MAX = 255;

/** Makes it below `root`, an empty folder. Everybody may read it: peers serve as another user. */
export function makeAttackedFolder(root: string, redirects: RedirectCorpus): AttackedFolder {
  const marker = `secret-${randomUUID()}`;
  chmodSync(root, 0o755);
  let folder = root;
  for (let depth = 0; depth < DEPTH; depth++) {
    for (const name of SECRET_NAMES) writeBelow(folder, name, marker);
    folder = join(folder, `level-${depth}`);
  }
  const served = join(folder, "served");
  writeBelow(served, "index.html", "<!doctype html><title>index</title>\n");
  writeBelow(served, "sub/a.txt", "a\n");
  for (const text of [...redirects.open_redirect, ...redirects.crlf]) {
    for (const path of [text, decodePercent(text)]) makeFolders(served, path);
  }
  return { served, marker, secretPaths: ["secret.txt", join(root, "secret.txt").slice(1)] };
}

function writeBelow(folder: string, name: string, content: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The folders that a path names, each segment as it is; segments that are no name are left out. */
function makeFolders(served: string, path: string): void {
  const segments = path.split("/").filter(isName);
  if (segments.length > 0) mkdirSync(join(served, ...segments), { recursive: true });
}

function isName(segment: string): boolean {
  if (segment === "" || segment === "." || segment === ".." || segment.includes("\0")) return false;
  return Buffer.byteLength(segment) <= NAME_BYTES_MAX;
}

function decodePercent(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
