// The warning about a compressed sibling that is not used, on the main thread: one line in a server's
// life, whichever thread sees the first such sibling. Called by running-server.ts.

import { quote } from "../config/usage-error.ts";
import type { IgnoredSibling } from "../files/siblings.ts";
import { decodeName } from "../listing/listing-entry.ts";

export function createSiblingWarning(
  warn: (line: string) => void,
): (ignored: IgnoredSibling) => void {
  let hasWarned = false;
  return ({ siblingPath, filePath, siblingMs, fileMs }) => {
    if (hasWarned) return;
    hasWarned = true;
    warn(
      `${quote(decodeName(siblingPath))} is not used, because it is older than ` +
        `${quote(decodeName(filePath))} (${formatTime(siblingMs)} and ${formatTime(fileMs)}): ` +
        "compress the file again (weir says this once)",
    );
  };
}

function formatTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "another time" : time.toISOString();
}
