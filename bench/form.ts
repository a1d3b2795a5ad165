// How long a run of the benchmarks takes: three forms, chosen with --form. More rounds make the
// spread wider and the median steadier; no form changes what is measured.

export interface Form {
  readonly name: "short" | "full" | "smoke";
  /** The first load of each server, during which the status of every answer is counted. */
  readonly warmUpSeconds: number;
  /** 0: the warm-up is the only round, which is enough to check the answers. */
  readonly rounds: number;
  readonly roundSeconds: number;
  /** The largest tree of the row about growth; in memory, a million files take 5 GB. */
  readonly filesMax: number;
  /** Entries of the larger listing. */
  readonly entriesMax: number;
  /** Clients and files in the tables of the row about growth. */
  readonly tableEntriesMax: number;
}

const TABLE_ENTRIES = 1_000_000;

export const FORMS = {
  short: {
    name: "short",
    warmUpSeconds: 1,
    rounds: 3,
    roundSeconds: 1,
    filesMax: 100_000,
    entriesMax: 100_000,
    tableEntriesMax: TABLE_ENTRIES,
  },
  full: {
    name: "full",
    warmUpSeconds: 2,
    rounds: 9,
    roundSeconds: 2,
    filesMax: 1_000_000,
    entriesMax: 100_000,
    tableEntriesMax: TABLE_ENTRIES,
  },
  smoke: {
    name: "smoke",
    warmUpSeconds: 1,
    rounds: 0,
    roundSeconds: 1,
    filesMax: 100,
    entriesMax: 2_000,
    tableEntriesMax: 1_000,
  },
} as const satisfies Record<string, Form>;
