// Which names hold what somebody looks for: each word, whatever the case and the marks on the letters.
// Pure. Called by listing-progress.ts; the script of a page does the same with the rows it has.

import { type DirectoryEntry, decodeName } from "./listing-entry.ts";

/** A name has 255 bytes at most: what is longer is in none, but for words that overlap. */
const WANTED_LENGTH_MAX = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

export type NameMatcher = (entry: DirectoryEntry) => boolean;

/** undefined where every name matches. */
export function createNameMatcher(wanted: string): NameMatcher | undefined {
  if (wanted.length > WANTED_LENGTH_MAX) return () => false;
  const words = [...new Set(foldText(wanted).split(/\s+/))].filter((word) => word !== "");
  if (words.length === 0) return undefined;
  return ({ byteName, kind }) => {
    const name = foldName(byteName) + (kind === "directory" ? "/" : "");
    return words.every((word) => name.includes(word));
  };
}

function foldName(byteName: string): string {
  return ASCII.test(byteName) ? byteName.toLowerCase() : foldText(decodeName(byteName));
}

function foldText(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
