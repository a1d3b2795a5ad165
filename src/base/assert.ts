// Checks of what must hold if the program is correct. Never used for input of a client or a user.

/** @throws Error when `condition` is false: the program has a defect. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
