// What a process of tests (batch-process.ts) is told, and what it tells its parent (run-batch.ts).

export interface BatchOrder {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Only tests with this text in their names, where it is given. */
  readonly name: string | undefined;
}

export interface TestResult {
  /** Absolute where it is sent, from the root of the repository where it is shown. */
  readonly file: string;
  /** With the names of the tests that it is part of: `in a store > it counts`. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped" | "todo";
  /** Cancelled, as when it took too long; such a test has failed too. */
  readonly isCancelled: boolean;
  /** Why it failed, or was skipped. */
  readonly reason: string;
  /** It failed only because a part of it did, which is told for itself. */
  readonly isEcho: boolean;
}

export type TestMessage =
  | { readonly kind: "started"; readonly file: string; readonly name: string }
  | { readonly kind: "ended"; readonly test: TestResult }
  | { readonly kind: "suite" }
  /** What node:test says beside: of a test's work that went on after its end. */
  | { readonly kind: "said"; readonly text: string }
  /** All tests have ended. */
  | { readonly kind: "done" };
