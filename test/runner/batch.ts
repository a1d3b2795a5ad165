// Groups test files into batches: the files of one batch run in one process, one after the other. To
// start a process for each of hundreds of small files costs more than their tests.

/** Tests of pure code, which leave nothing behind in their process. */
const SHARED_FOLDERS = [
  "src",
  "web",
  "test/rules",
  "test/bench",
  "test/fixtures",
  "test/runner",
];

/** So that they fill several CPUs to the end. */
const SHARED_BATCHES = 12;

export interface Batch {
  /** As it is called in the progress: the file, or how many. */
  readonly label: string;
  readonly files: readonly string[];
}

/** The batches in the order in which they should be started. */
export function makeBatches(files: readonly string[]): Batch[] {
  const shared = files.filter(isShared);
  const alone = files.filter((file) => !isShared(file));
  const dealt = Array.from({ length: Math.min(SHARED_BATCHES, shared.length) }, (_, index) =>
    shared.filter((_file, place) => place % SHARED_BATCHES === index),
  );
  // The longest first, so that none is left running alone at the end.
  return [
    ...dealt.map((batch): Batch => ({ label: labelOf(batch), files: batch })),
    ...alone.map((file): Batch => ({ label: file, files: [file] })),
  ];
}

function isShared(file: string): boolean {
  return (
    !file.endsWith(".full.test.ts") && SHARED_FOLDERS.some((name) => file.startsWith(`${name}/`))
  );
}

function labelOf(files: readonly string[]): string {
  return files.length === 1 ? files[0]! : `${files[0]} and ${files.length - 1} more`;
}
