// The results of the lab as JSON for machines. The schema's number rises when a field changes its
// meaning or goes away; new fields may come at any time. Pure.

import type { LabResult } from "../lab/lab-result.ts";

export const labSchema = "weir-lab/1";

/** Indented, with a newline at its end; the experiments by name. */
export function formatLabJson({ experiments, ...facts }: LabResult): string {
  const byName = Object.fromEntries(
    experiments.map(({ name, ...result }): [string, unknown] => [name, result]),
  );
  const value = { schema: labSchema, ...facts, experiments: byName };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
