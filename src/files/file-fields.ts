// The fields that a site's rules add to the answers about its files and folders: Cache-Control by
// pattern, and fields of its own. Pure. One for each server thread, made once; a site without rules
// has none, and pays for none.

import type { Field, Fields, Reply } from "../http/reply.ts";
import type { ContentCoding } from "./encoding.ts";
import {
  compilePattern,
  formatPatternText,
  matchesPattern,
  type PathPattern,
} from "./path-pattern.ts";

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
  /** The bytes of the file have it already. */
  readonly coding: ContentCoding | undefined;
  readonly cacheControl: string | undefined;
  /** All others. */
  readonly others: Fields;
}

const CODING_FIELD = "content-encoding";

type FieldsByName = ReadonlyMap<string, Field>;

export class FileFields {
  private readonly cacheRules: readonly { pattern: PathPattern; value: string }[];
  private readonly headerRules: readonly {
    pattern: PathPattern;
    set: readonly (readonly [name: string, value: string])[];
  }[];

  constructor(rules: FileFieldRules) {
    this.cacheRules = rules.cacheRules.map(({ pattern, value }) => {
      return { pattern: compilePattern(pattern), value };
    });
    this.headerRules = rules.headerRules.map(({ pattern, set }) => {
      return { pattern: compilePattern(pattern), set };
    });
  }

  /** @param bytePath of the file that is sent, from the root, one character a byte */
  decideForFile(bytePath: string): DecidedFields {
    const path = formatPatternText(bytePath);
    const fields = new Map(this.fieldsFor(path));
    const contentType = fields.get("content-type")?.[1];
    // The configuration lets no other value in.
    const coding = fields.get(CODING_FIELD)?.[1].toLowerCase() as ContentCoding | undefined;
    const ofHeader = fields.get("cache-control")?.[1];
    const ofCache = this.cacheRules.find(({ pattern }) => matchesPattern(pattern, path))?.value;
    // The answer is made with these: its parts have the first, a 304 the last.
    fields.delete("content-type");
    fields.delete(CODING_FIELD);
    fields.delete("cache-control");
    return { contentType, coding, cacheControl: ofHeader ?? ofCache, others: [...fields.values()] };
  }

  /** A listing with the fields set, in the place of its own. It is never kept, unless a field says so. */
  applyToListing(bytePath: string, listing: Reply): Reply {
    const fields = new Map(this.fieldsFor(formatPatternText(bytePath)));
    // A listing is made here and now, and is not encoded.
    fields.delete(CODING_FIELD);
    if (fields.size === 0) return listing;
    const kept = listing.fields.filter(([name]) => {
      // Vary is a list over all its lines: what the answer depends on stays true.
      return name.toLowerCase() === "vary" || !fields.has(name.toLowerCase());
    });
    return { ...listing, fields: [...kept, ...fields.values()] };
  }

  private fieldsFor(path: string): FieldsByName {
    const fields = new Map<string, Field>();
    for (const { pattern, set } of this.headerRules) {
      if (!matchesPattern(pattern, path)) continue;
      for (const field of set) fields.set(field[0].toLowerCase(), field);
    }
    return fields;
  }
}
