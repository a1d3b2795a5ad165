// Whether what is written to a stream may have colours. Asked once at the start, for the banner and for
// the log on a terminal; a log file never has any.

import type { WriteStream } from "node:tty";

/**
 * A terminal by its TERM and by NO_COLOR, FORCE_COLOR and NODE_DISABLE_COLORS, as Node reads them;
 * anything else only where FORCE_COLOR asks for it.
 */
export function wantsColour(
  stream: Partial<Pick<WriteStream, "isTTY" | "hasColors">>,
  env: NodeJS.ProcessEnv,
): boolean {
  if (stream.isTTY === true) return stream.hasColors?.() ?? false;
  const { FORCE_COLOR } = env;
  return FORCE_COLOR !== undefined && !["0", "false"].includes(FORCE_COLOR);
}
