// Reads the corpora: JSON files of public projects that are not part of this repository. Their folder
// is named by WEIR_CORPORA; docs/CONFORMANCE.md says what each holds and where it comes from.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The states of a connection after an answer, as the probes name them. */
export type ProbeState = "Open" | "ClosedByServer" | "TimedOut";

/** The statuses that pass, warn or fail; 0 stands for no answer. */
export interface VerdictRow {
  readonly Pass: readonly number[];
  readonly Warn: readonly number[];
  readonly Fail: readonly number[];
}

interface ProbeBase {
  readonly id: string;
  readonly suite: string;
  readonly desc: string;
  readonly expected: string;
}

export interface SingleProbe extends ProbeBase {
  readonly kind: "single";
  readonly payload_b64: string;
  readonly verdict: Readonly<Record<ProbeState, VerdictRow>>;
}

export interface SequenceProbe extends ProbeBase {
  readonly kind: "sequence";
  readonly steps: readonly { readonly label: string; readonly payload_b64: string }[];
}

export type Probe = SingleProbe | SequenceProbe;

export interface ProbeCorpus {
  /** The host that stands in the payloads. */
  readonly host_header_used: string;
  readonly cases: readonly Probe[];
}

export interface ParserCase {
  readonly file: string;
  readonly name: string;
  readonly type: string;
  readonly payload_b64: string;
  readonly error: { readonly code: number; readonly reason: string } | null;
}

export interface PayloadCase {
  readonly id: string;
  readonly payload_b64: string;
}

export interface RedirectCorpus {
  readonly open_redirect: readonly string[];
  readonly crlf: readonly string[];
}

export interface Corpora {
  readonly http11probe: ProbeCorpus;
  readonly llhttp: readonly ParserCase[];
  readonly smuggler: readonly PayloadCase[];
  readonly crs: readonly PayloadCase[];
  readonly pathTraversal: readonly string[];
  readonly redirectCrlf: RedirectCorpus;
}

/** The folder that the environment names; undefined where none is given. */
export function corporaFolder(env: NodeJS.ProcessEnv): string | undefined {
  return env.WEIR_CORPORA === "" ? undefined : env.WEIR_CORPORA;
}

/** Throws where a file is absent or not JSON: a folder that was given must be whole. */
export function readCorpora(folder: string): Corpora {
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
  const traversal = read<{ cases: readonly { p: string }[] }>("path-traversal.json");
  return {
    http11probe: read<ProbeCorpus>("http11probe.json"),
    llhttp: read<{ cases: readonly ParserCase[] }>("llhttp.json").cases,
    smuggler: read<{ cases: readonly PayloadCase[] }>("smuggler.json").cases,
    crs: read<{ cases: readonly PayloadCase[] }>("crs.json").cases,
    pathTraversal: traversal.cases.map(({ p }) => p),
    redirectCrlf: read<RedirectCorpus>("redirect-crlf.json"),
  };
}

/** A payload's bytes, one character a byte. */
export function decodePayload(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}
