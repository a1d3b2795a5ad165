// The one list of what is run against a server, for the test and for the table.

import type { AttackedFolder } from "./attacked-folder.ts";
import type { CaseResult } from "./case-result.ts";
import type { Corpora } from "./corpora.ts";
import { runParserCases } from "./parser-corpus.ts";
import { runRedirects, runTraversals } from "./path-corpus.ts";
import { runAttackCases, runSmugglingCases } from "./payload-corpus.ts";
import { runProbes } from "./probe-corpus.ts";
import type { ServerAddress } from "./server-address.ts";

export interface CorpusRun {
  readonly name: string;
  readonly run: () => Promise<CaseResult[]>;
}

/** What to run against the server at `address`, which serves `folder`; nothing runs yet. */
export function corpusList(
  address: ServerAddress,
  corpora: Corpora,
  folder: AttackedFolder,
): CorpusRun[] {
  return [
    { name: "http11probe", run: () => runProbes(address, corpora.http11probe) },
    { name: "llhttp", run: () => runParserCases(address, corpora.llhttp) },
    { name: "smuggler", run: () => runSmugglingCases(address, corpora.smuggler) },
    { name: "crs", run: () => runAttackCases(address, corpora.crs) },
    {
      name: "path-traversal",
      run: () => runTraversals(address, corpora.pathTraversal, folder),
    },
    { name: "redirect-crlf", run: () => runRedirects(address, corpora.redirectCrlf) },
  ];
}
