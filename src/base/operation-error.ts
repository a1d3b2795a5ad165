// A failure of the world outside the program: a port in use, a folder that cannot be read, a server
// that does not answer. Thrown anywhere; src/cli/main.ts prints it after `weir: ` and exits 1.

/** `message` is the whole line a person reads: the act, the value in quotes, what to do. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}
