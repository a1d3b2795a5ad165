// What the coordinator of a load run and its threads tell each other. Types only.

import type { ThreadJob } from "./connection-slot.ts";
import type { LivePart } from "./live-state.ts";
import type { TallyData } from "./load-tally.ts";
import type { Failure } from "./request-outcome.ts";
import type { TargetData } from "./target-address.ts";

/** Given to a thread when it is made. */
export interface LoadThreadData {
  readonly job: ThreadJob;
  readonly target: TargetData | Failure;
  /** How often to tell how far it is; never where nobody asks. */
  readonly livePeriodMs: number | undefined;
}

/** To a thread. `startMs` is of the monotonic clock, which is the same on all threads. */
export type LoadMessage =
  | { readonly kind: "begin"; readonly startMs: number }
  | { readonly kind: "stop" };

/** From a thread: `ready`, `live` now and then, and once `done`. */
export type LoadThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "live"; readonly part: LivePart }
  | { readonly kind: "done"; readonly tally: TallyData; readonly finishedMs: number };

/** What one thread does of a run, wherever it runs. */
export interface LoadPart {
  /** `startMs` is of the monotonic clock; `finishedMs` too, the moment of the last outcome. */
  run(startMs: number): Promise<{ readonly tally: TallyData; readonly finishedMs: number }>;
  stop(): void;
  /** Undefined before it has told anything. */
  readLive(): LivePart | undefined;
}
