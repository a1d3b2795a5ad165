// Entity tags (RFC 9110 §8.8.3). Pure.

export interface FileVersion {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * A strong tag from the time of the last change, in microseconds, and the size. Not from the inode:
 * copies of one folder on several machines then have the same tags.
 * @param coding content coding of the representation: each has a tag of its own
 */
export function formatEtag(version: FileVersion, coding?: string): string {
  const modifiedUs = Math.round(version.modifiedMs * 1000);
  const suffix = coding === undefined ? "" : `-${coding}`;
  return `"${modifiedUs.toString(36)}-${version.sizeBytes.toString(36)}${suffix}"`;
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
