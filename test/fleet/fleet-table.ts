// What the fleet's clients got in each phase: as a table, and held against what docs/FLEET.md promises.
// Pure; called by main.ts.

import { formatTable } from "../../src/base/figure-text.ts";
import { FLEET_RATE, SERVER_COUNT } from "./fleet.ts";
import type { ClientResult } from "./fleet-clients.ts";

export interface PhaseResult {
  readonly name: string;
  readonly spammer: ClientResult;
  readonly polite: ClientResult;
}

export interface PhaseTerms {
  /** The store is gone: each server holds a client to the limit by itself. */
  readonly limitsApart: boolean;
  /** A server dies with what it was answering. */
  readonly mayBreak: boolean;
}

const HEADS = [
  ["", "spammer", "", "", "polite", "", "", ""],
  ["", "admitted", "refused", "failed", "admitted", "refused", "failed", "p99"],
];

export function formatPhases(results: readonly PhaseResult[]): string {
  const rows = results.map(({ name, spammer, polite }) => [
    name,
    ...[spammer.admitted, spammer.refused, spammer.failed].map(formatCount),
    ...[polite.admitted, polite.refused, polite.failed].map(formatCount),
    `${polite.p99Ms.toFixed(1)} ms`,
  ]);
  return formatTable([...HEADS, ...rows]).join("\n");
}

/** What was promised and not kept, a sentence each. */
export function findBrokenPromises(
  { name, spammer, polite }: PhaseResult,
  { limitsApart, mayBreak }: PhaseTerms,
): string[] {
  const most = limitsApart ? FLEET_RATE * SERVER_COUNT : FLEET_RATE;
  const excess = spammer.findExcess(most);
  const broken: string[] = [];
  if (excess !== undefined) broken.push(`${name}: the spammer had ${excess}`);
  if (spammer.admitted === 0) broken.push(`${name}: the spammer was never admitted`);
  if (polite.refused > 0) {
    broken.push(`${name}: the polite client was refused ${polite.refused} times`);
  }
  if (polite.admitted === 0) broken.push(`${name}: the polite client was never answered`);
  const failed = spammer.failed + polite.failed;
  if (failed > 0 && !mayBreak) broken.push(`${name}: ${failed} requests failed`);
  return broken;
}

function formatCount(count: number): string {
  return count.toLocaleString("en");
}
