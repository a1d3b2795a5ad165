// The ways in which an answer may differ from RFC 9112 and still can be read in one way only. Such an
// answer counts, and the result says that it was odd. An answer that could be read in two ways is an
// error instead: on a connection with several requests the next answer might begin elsewhere. The
// parser keeps the oddities of an answer as one number, a bit for each kind: most answers have none.

export const oddityKinds = [
  "status-line",
  "line-end",
  "repeated-length",
  "folded-field",
  "space-before-colon",
  "blank-line",
] as const;

export type OddityKind = (typeof oddityKinds)[number];

/** The bit of a kind. */
export function oddityBit(kind: OddityKind): number {
  return 1 << oddityKinds.indexOf(kind);
}

export function listOddities(bits: number): OddityKind[] {
  return oddityKinds.filter((kind) => (bits & oddityBit(kind)) !== 0);
}

/** How many answers had any, and how many each kind. */
export interface OddCounts {
  answers: number;
  /** Of kinds that occurred. */
  readonly byKind: Map<OddityKind, number>;
}

export function newOddCounts(): OddCounts {
  return { answers: 0, byKind: new Map() };
}

export function countOddities(counts: OddCounts, bits: number): void {
  counts.answers++;
  for (const kind of listOddities(bits)) {
    counts.byKind.set(kind, (counts.byKind.get(kind) ?? 0) + 1);
  }
}
