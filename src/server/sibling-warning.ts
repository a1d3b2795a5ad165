// The warning about a compressed sibling that is not used, on the main thread: one line in a server's
// life, whichever thread sees the first such sibling. Called by running-server.ts.

import { quote } from "../config/usage-error.ts";
import { decodeName } from "../listing/listing-entry.ts";
import type { TimedPath } from "./thread-message.ts";

export function createSiblingWarning(
  warn: (line: string) => void,
): (sibling: TimedPath, file: TimedPath) => void {
  let hasWarned = false;
  return (sibling, file) => {
    if (hasWarned) return;
    hasWarned = true;
    warn(
      `${quote(decodeName(sibling.path))} is not used, because it is older than ` +
        `${quote(decodeName(file.path))} (${formatTime(sibling)} and ${formatTime(file)}): ` +
        "compress the file again (weir says this once)",
    );
  };
}

function formatTime({ modifiedMs }: TimedPath): string {
  const time = new Date(modifiedMs);
  return Number.isNaN(time.getTime()) ? "another time" : time.toISOString();
}
