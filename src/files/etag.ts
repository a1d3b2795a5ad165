// Entity tags (RFC 9110 §8.8.3). Pure.

/**
 * A strong tag.
 * @param version tells versions of the file apart (file-tags.ts)
 * @param coding content coding of the representation: each has a tag of its own
 */
export function formatEtag(version: string, coding?: string): string {
  return coding === undefined ? `"${version}"` : `"${version}-${coding}"`;
}

export type TagList =
  | { readonly kind: "any" }
  | { readonly kind: "tags"; readonly tags: readonly string[] };

const TAG_LIST = /^[ \t,]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*(?:,[ \t,]*|$))*$/;
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** The value of If-Match or If-None-Match (§13.1.1, §13.1.2); what is malformed matches nothing. */
export function parseTagList(value: string): TagList {
  if (/^[ \t]*\*[ \t]*$/.test(value)) return { kind: "any" };
  return { kind: "tags", tags: TAG_LIST.test(value) ? (value.match(TAG) ?? []) : [] };
}

/** Strong comparison (§8.8.3.2): both strong and the same. */
export function isSameStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith("W/");
}

/** Weak comparison: the same but for the mark of weakness. */
export function isSameWeakly(a: string, b: string): boolean {
  return a.replace(/^W\//, "") === b.replace(/^W\//, "");
}
