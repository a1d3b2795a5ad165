// Carries out experiments one after the other, never two at once: they would measure each other.
// Called by the lab command. Prints nothing.

import { availableParallelism } from "node:os";
import { systemClock } from "../base/clock.ts";
import { runConcurrencyExperiment } from "./concurrency-experiment.ts";
import { runCounterExperiment } from "./counter-experiment.ts";
import { withLabFolder } from "./lab-folder.ts";
import type { ExperimentName, ExperimentResult, LabResult } from "./lab-result.ts";
import type { LabSurroundings } from "./lab-server.ts";
import { runLimitExperiment } from "./limit-experiment.ts";

export interface LabOptions {
  readonly names: readonly ExperimentName[];
  /** Ends the lab: servers are stopped, and the run rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onStart: (name: ExperimentName) => void;
  readonly onResult: (result: ExperimentResult) => void;
}

type Experiment = (surroundings: LabSurroundings) => Promise<ExperimentResult>;

const experiments: Readonly<Record<ExperimentName, Experiment>> = {
  concurrency: runConcurrencyExperiment,
  counter: runCounterExperiment,
  limit: runLimitExperiment,
};

/** @throws OperationError when a server cannot be started */
export async function runLab({ names, signal, onStart, onResult }: LabOptions): Promise<LabResult> {
  const startedWallMs = systemClock.wallMs();
  const results: ExperimentResult[] = [];
  await withLabFolder(async (folder) => {
    for (const name of names) {
      onStart(name);
      const result = await experiments[name]({ folder, signal });
      onResult(result);
      results.push(result);
    }
  });
  return {
    machine: {
      cores: availableParallelism(),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
    started: new Date(startedWallMs).toISOString(),
    finished: new Date(systemClock.wallMs()).toISOString(),
    experiments: results,
  };
}
