// Where a command writes: process.stdout and process.stderr, or the outputs of a test.

export interface Output {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  /** The width of a terminal, where the system tells it. */
  readonly columns?: number | undefined;
}

const COLUMNS_DEFAULT = 80;

/** How many characters fit into one line. */
export function columnsOf({ columns }: Output): number {
  // Some terminals say 0.
  return columns || COLUMNS_DEFAULT;
}
