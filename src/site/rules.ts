// The fields that a site's rules add to the answers about its files and folders (Cache-Control by pattern,
// fields of its own), and the patterns of paths. Pure. One FileFields for each thread that answers, made
// once. A site without rules has none, and pays for none.

import type { Field, Fields, Reply } from "../http/reply.ts";
import type { ContentCoding } from "./file/encoding.ts";

export interface FileFieldRules {
  /** The first that matches gives the Cache-Control. */
  readonly cacheRules: readonly { readonly pattern: string; readonly value: string }[];
  /** All that match count, in order. Names and values are known to be fit for a head. */
  readonly headerRules: readonly {
    readonly pattern: string;
    readonly set: readonly (readonly [name: string, value: string])[];
  }[];
}

export interface DecidedFields {
  /** undefined: what weir would say. */
  readonly contentType: string | undefined;
  /** The coding that the file's bytes already have. */
  readonly coding: ContentCoding | undefined;
  readonly cacheControl: string | undefined;
  /** All others. */
  readonly others: Fields;
}

const CODING_FIELD = "content-encoding";

type FieldsByName = ReadonlyMap<string, Field>;

export class FileFields {
  readonly #cacheRules: readonly { pattern: PathPattern; value: string }[];
  readonly #headerRules: readonly {
    pattern: PathPattern;
    set: readonly (readonly [name: string, value: string])[];
  }[];

  constructor(rules: FileFieldRules) {
    this.#cacheRules = rules.cacheRules.map(({ pattern, value }) => {
      return { pattern: compilePattern(pattern), value };
    });
    this.#headerRules = rules.headerRules.map(({ pattern, set }) => {
      return { pattern: compilePattern(pattern), set };
    });
  }

  /** @param bytePath of the file that is sent, from the root, one character a byte */
  decideForFile(bytePath: string): DecidedFields {
    const path = formatPatternText(bytePath);
    const fields = new Map(this.#fieldsFor(path));
    const contentType = fields.get("content-type")?.[1];
    // The configuration lets no other value in.
    const coding = fields.get(CODING_FIELD)?.[1].toLowerCase() as ContentCoding | undefined;
    const ofHeader = fields.get("cache-control")?.[1];
    const ofCache = this.#cacheRules.find(({ pattern }) => matchesPattern(pattern, path))?.value;
    // The answer is made with these: its parts have the first, a 304 the last.
    fields.delete("content-type");
    fields.delete(CODING_FIELD);
    fields.delete("cache-control");
    return { contentType, coding, cacheControl: ofHeader ?? ofCache, others: [...fields.values()] };
  }

  /** A listing with the fields set in place of its own. No cache keeps it, unless a field says so. */
  applyToListing(bytePath: string, listing: Reply): Reply {
    const fields = new Map(this.#fieldsFor(formatPatternText(bytePath)));
    // A listing is made here and now, and is not encoded.
    fields.delete(CODING_FIELD);
    if (fields.size === 0) return listing;
    const kept = listing.fields.filter(([name]) => {
      // Vary is one list over all its lines, and the listing's own part of it stays true.
      return name.toLowerCase() === "vary" || !fields.has(name.toLowerCase());
    });
    return { ...listing, fields: [...kept, ...fields.values()] };
  }

  #fieldsFor(path: string): FieldsByName {
    const fields = new Map<string, Field>();
    for (const { pattern, set } of this.#headerRules) {
      if (!matchesPattern(pattern, path)) continue;
      for (const field of set) fields.set(field[0].toLowerCase(), field);
    }
    return fields;
  }
}

// Patterns of paths, as the configuration writes them: `*.html`, `/assets/**`. Pure. Matching
// takes time in proportion to the pattern's length times the path's, whatever the pattern: it never goes
// back. (matchesGlob of node:path is exponential in the number of stars.)

interface PathPattern {
  /** Whether the pattern is for the file's name alone, because it has no slash. */
  readonly isOfName: boolean;
  readonly tokens: readonly string[];
}

/** Stands behind `/` and `**`: the folders and their slash may be absent together. */
const FOLDERS_END = "**/";
const TOKENS = /(?<=^|\/)\*{2,}\/|\*{2,}|./gsu;

/**
 * `*` is anything but a slash, `?` one character that is no slash, `**` anything; a folder `**` between
 * slashes may be no folder at all. Without a slash the pattern is for names, else for whole paths.
 */
export function compilePattern(text: string): PathPattern {
  const isOfName = !text.includes("/");
  const rooted = isOfName || text.startsWith("/") ? text : `/${text}`;
  const tokens: string[] = [];
  for (const [token] of rooted.matchAll(TOKENS)) {
    if (token.length > 2 && token.endsWith("/")) tokens.push("**", FOLDERS_END);
    else tokens.push(token.startsWith("**") ? "**" : token);
  }
  return Object.freeze({ isOfName, tokens: Object.freeze(tokens) });
}

/** The text of a path that patterns are matched with, from names of one character a byte. */
export function formatPatternText(bytePath: string): string {
  return /[\x80-\xff]/.test(bytePath) ? Buffer.from(bytePath, "latin1").toString() : bytePath;
}

/** @param path from the root, with its leading slash; a folder's ends in one, so its name is empty */
export function matchesPattern(pattern: PathPattern, path: string): boolean {
  const { tokens, isOfName } = pattern;
  const text = isOfName ? path.slice(path.lastIndexOf("/") + 1) : path;
  // reached[n]: the first n tokens match the text so far.
  let reached = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  reached[0] = 1;
  skipEmpty(tokens, reached);
  for (const char of text) {
    if (!advance(tokens, reached, next, char)) return false;
    [reached, next] = [next, reached];
  }
  return reached[tokens.length] === 1;
}

/** Before the first character, tokens that match nothing may be skipped. */
function skipEmpty(tokens: readonly string[], reached: Uint8Array): void {
  for (let count = 1; count <= tokens.length; count++) {
    const token = tokens[count - 1];
    if (token === "*" || token === "**") reached[count] = reached[count - 1] as number;
    else if (token === FOLDERS_END) reached[count] = reached[count - 2] as number;
  }
}

/** Takes one character. False when no beginning of the pattern matches any longer. */
function advance(
  tokens: readonly string[],
  reached: Uint8Array,
  next: Uint8Array,
  char: string,
): boolean {
  let reachedCount = 0;
  next[0] = 0;
  for (let count = 1; count <= tokens.length; count++) {
    const token = tokens[count - 1];
    const isReached = reached[count] === 1;
    const wasBefore = reached[count - 1] === 1;
    let matches: boolean;
    if (token === "**") matches = isReached || next[count - 1] === 1;
    else if (token === "*") matches = (isReached && char !== "/") || next[count - 1] === 1;
    else if (token === "?") matches = wasBefore && char !== "/";
    else if (token === FOLDERS_END) matches = (wasBefore && char === "/") || next[count - 2] === 1;
    else matches = wasBefore && token === char;
    next[count] = matches ? 1 : 0;
    reachedCount += next[count] as number;
  }
  return reachedCount > 0;
}
