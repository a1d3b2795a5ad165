// The one word for the state of the connection between page and server. Pure. Called by header-view.ts.

import type { ServerState } from "../../src/admin/snapshot.ts";

export type LinkState = "connecting" | "open" | "broken";

export interface StateFacts {
  readonly link: LinkState;
  readonly isPaused: boolean;
  readonly server: ServerState | undefined;
  /** The time since the last event. */
  readonly silentMs: number;
}

export interface StateWord {
  readonly kind: "live" | "paused" | "waiting" | "draining";
  readonly text: string;
}

/** A second late is a busy machine; three are something to know about. */
export const SILENT_MS_MAX = 3_500;

/** A state that hides others comes first: without a connection nothing else is known. */
export function chooseStateWord(facts: StateFacts): StateWord {
  if (facts.link === "connecting") return { kind: "waiting", text: "Connecting…" };
  if (facts.link === "broken") return { kind: "waiting", text: "Reconnecting…" };
  if (facts.isPaused) return { kind: "paused", text: "Paused" };
  if (facts.silentMs > SILENT_MS_MAX) return { kind: "waiting", text: "No data" };
  if (facts.server === "draining") return { kind: "draining", text: "Draining" };
  return { kind: "live", text: "Live" };
}
