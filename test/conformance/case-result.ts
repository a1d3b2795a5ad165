// What a case of a corpus came to, and the sums of many. Made by the files that run a corpus, read
// by the tests and by the table; knows nothing of sockets.

export type Verdict = "pass" | "warn" | "fail";

export interface CaseResult {
  readonly id: string;
  readonly verdict: Verdict;
  /** What the server did, in a few words: `405 open`, `no answer, closed`. */
  readonly observed: string;
  /** What was asked of it, in the words of the corpus or in ours. */
  readonly wanted: string;
}

export interface Tally {
  readonly caseCount: number;
  readonly passCount: number;
  readonly warnCount: number;
  readonly failCount: number;
}

export function tally(results: readonly CaseResult[]): Tally {
  const countOf = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  return {
    caseCount: results.length,
    passCount: countOf("pass"),
    warnCount: countOf("warn"),
    failCount: countOf("fail"),
  };
}

/** One line for a person: the case, what came, and what was wanted. */
export function describeResult({ id, verdict, observed, wanted }: CaseResult): string {
  return `${verdict} ${id}: ${observed} (wanted: ${wanted})`;
}

/** A refusal as a strict server gives it: of the request, or of a form that is not implemented. */
export function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500) || status === 501 || status === 505;
}

/** An error of the server's own: not 501 and 505, which refuse what is not implemented. */
export function isServerError(status: number): boolean {
  return status >= 500 && !isRefusal(status);
}
